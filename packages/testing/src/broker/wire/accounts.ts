import { timingSafeEqual } from "node:crypto";
import type { UserAccount } from "../embedded-broker-options.ts";
import { UserPermissions } from "../model/permissions.ts";
import type { VersionRules } from "../version.ts";

const everything = { configure: ".*", write: ".*", read: ".*" };

/** Who may connect, and what for. */
export class Accounts {
  readonly #byName = new Map<string, UserAccount>();

  readonly #rules: VersionRules;

  constructor(users: Readonly<Record<string, UserAccount>>, rules: VersionRules) {
    this.#rules = rules;
    for (const [name, account] of Object.entries(users)) this.#byName.set(name, account);
  }

  add(name: string, account: UserAccount): void {
    this.#byName.set(name, account);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  mayEnter(user: string, vhost: string): boolean {
    return this.#byName.get(user)?.vhosts?.includes(vhost) ?? true;
  }

  permissions(user: string, vhost: string): UserPermissions {
    const patterns = this.#byName.get(user)?.permissions ?? everything;
    return new UserPermissions({ user, vhost, patterns, rules: this.#rules });
  }

  accepts(name: string, password: Buffer): boolean {
    const expected = this.#byName.get(name)?.password;
    if (expected === undefined || expected === "") return false;
    const bytes = Buffer.from(expected);
    return bytes.length === password.length && timingSafeEqual(bytes, password);
  }
}
