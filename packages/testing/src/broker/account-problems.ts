import type { UserAccount } from "./embedded-broker-options.ts";

const known: ReadonlySet<string> = new Set<keyof UserAccount>(["password", "tags", "vhosts", "permissions"]);
const rights = ["configure", "write", "read"] as const;

/** What is wrong with a user as somebody gave it, each problem in words; nothing for one that can be. */
export function accountProblems(name: string, account: UserAccount): readonly string[] {
  const user = `user "${name}"`;
  if (!isObject(account)) return [`${user} must be an object with a password`];
  const { password, tags, vhosts, permissions } = account;
  const problems: (string | false)[] = [
    ...Object.keys(account).map((key) => !known.has(key) && `${user} has no option "${key}"`),
    typeof password !== "string" && `${user} must have a password, which is a text`,
    tags !== undefined && !areTexts(tags) && `tags of ${user} must be a list of texts`,
    vhosts !== undefined && !areTexts(vhosts) && `vhosts of ${user} must be a list of texts`,
    ...(permissions === undefined
      ? []
      : rights.map(
          (right) =>
            !(isObject(permissions) && isPattern(permissions[right])) &&
            `permissions of ${user} must have a regular expression for ${right}`,
        )),
  ];
  return problems.filter((problem) => problem !== false);
}

export function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isPattern(pattern: unknown): boolean {
  if (typeof pattern !== "string") return false;
  try {
    return new RegExp(pattern).source !== "";
  } catch {
    return false;
  }
}
