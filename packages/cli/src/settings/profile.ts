import { open } from "node:fs/promises";
import { join } from "node:path";
import { jsonCodec } from "@warren/message";
import { didYouMean } from "@warren/message/authoring";
import { Failure, systemFailure } from "../failure.ts";
import type { Io } from "../io.ts";

/** Settings that stand in a file under a name: what neither the command line nor the environment says. */
export interface Profile {
  readonly name: string;
  /** By option; each as the texts that the command line would give. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/** `$XDG_CONFIG_HOME/warren/profiles.json`, or below `~/.config`: `{ "NAME": { "OPTION": value } }`. */
export function profilesFile(env: Io["env"]): string {
  const folder = env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? "", ".config");
  return join(folder, "warren", "profiles.json");
}

/**
 * The profile of this name.
 *
 * @param options the options that any command has; another one is a mistake
 * @throws Failure 78 when it is not there, cannot be read, can be read by others, or holds what is no option
 */
export async function readProfile(
  name: string,
  env: Io["env"],
  options: readonly string[],
): Promise<Profile> {
  const file = profilesFile(env);
  const profiles = tableOf(await parsed(file), `${file} is no JSON object`);
  if (!Object.hasOwn(profiles, name))
    throw bad(`${file} has no profile "${name}".${didYouMean(name, Object.keys(profiles))}`);
  const profile = tableOf(profiles[name], `the profile "${name}" in ${file} is no JSON object`);
  const texts = Object.entries(profile).map(([option, value]) => {
    if (!options.includes(option)) throw noOption(option, name, file, options);
    return [option, textsOf(value, `${option} of the profile "${name}" in ${file}`)] as const;
  });
  return { name, texts: Object.fromEntries(texts) };
}

const json = jsonCodec();

async function parsed(file: string): Promise<unknown> {
  const bytes = await ownBytes(file);
  try {
    return json.decode(bytes);
  } catch {
    throw bad(`${file} cannot be read as JSON`);
  }
}

/** Its URLs may hold passwords. */
async function ownBytes(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file);
    const { mode } = await handle.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw bad(`${file} can be read by other users`, `chmod 600 ${file}`);
    return await handle.readFile();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw bad(
      `no profile can be read: ${systemFailure(error, "cannot read", file)?.message ?? String(error)}`,
    );
  }
}

function noOption(option: string, name: string, file: string, options: readonly string[]): Failure {
  const hint =
    option === "password" || option === "token"
      ? `A profile holds no secret: write ${option}-file.`
      : "A profile holds options of the command line, without their dashes.";
  const told = `"${option}" of the profile "${name}" in ${file} is no option.${didYouMean(option, options)}`;
  return bad(told, hint);
}

function textsOf(value: unknown, what: string): readonly string[] {
  const texts = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  return texts.map((text) => {
    if (typeof text === "string" || typeof text === "number" || typeof text === "boolean")
      return String(text);
    throw bad(`${what} must be a text, a number, true, false, or a list of texts`);
  });
}

function tableOf(value: unknown, complaint: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad(complaint);
  return value as Record<string, unknown>;
}

function bad(message: string, hint?: string): Failure {
  return new Failure(78, message, { code: "BAD_PROFILE", ...(hint === undefined ? {} : { hint }) });
}
