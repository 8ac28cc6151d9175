import { Failure } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Flag, Flags, SettingsOf } from "./flag.ts";
import type { Profile } from "./profile.ts";

/** Where a value came from, in the words of `--explain-config`. */
export type Source = "flag" | "default" | `env ${string}` | `profile ${string}`;

export interface ResolvedSettings<F extends Flags> {
  readonly settings: SettingsOf<F>;
  readonly sources: Readonly<Record<keyof F & string, Source>>;
}

/** What was written on the command line, by flag name; a flag that was not written is absent. */
export type Written = Readonly<Record<string, unknown>>;

/**
 * Decides every setting for itself: flag, then `WARREN_<FLAG>`, then the flag's last variables, then the profile, then the default.
 *
 * @throws Failure 64, or 78 for one in a profile, listing every problem at once
 */
export function resolveSettings<F extends Flags>(
  flags: F,
  written: Written,
  env: Io["env"],
  profile?: Profile,
): ResolvedSettings<F> {
  const settings: Record<string, unknown> = {};
  const sources: Record<string, Source> = {};
  const problems: string[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    const found = find(name, flag, written[name], env) ?? ofProfile(name, profile);
    sources[name] = found?.source ?? "default";
    if (found === undefined) {
      settings[name] = flag.default;
      continue;
    }
    const parsed = flag.parse(found.texts);
    if ("complaint" in parsed) problems.push(`${called(name, found.source)} ${parsed.complaint}`);
    else settings[name] = parsed.value;
  }
  const inProfile = problems.length > 0 && problems.every((problem) => problem.startsWith("the profile "));
  if (problems.length > 0) throw new Failure(inProfile ? 78 : 64, problems.join("\n"));
  return { settings, sources } as ResolvedSettings<F>;
}

/** The variable of a flag: `max-in-flight` is `WARREN_MAX_IN_FLIGHT`. */
export function variableOf(name: string): string {
  return `WARREN_${name.toUpperCase().replaceAll("-", "_")}`;
}

function find(
  name: string,
  flag: Flag<unknown>,
  written: unknown,
  env: Io["env"],
): { readonly texts: readonly string[]; readonly source: Source } | undefined {
  if (written !== undefined)
    return { texts: (Array.isArray(written) ? written : [written]).map(String), source: "flag" };
  for (const variable of [variableOf(name), ...(flag.lastEnv ?? [])]) {
    const value = env[variable];
    // An empty variable is an unset one: that is all that some shells and compose files can do.
    if (value !== undefined && value !== "")
      return { texts: flag.kind === "list" ? value.split("\n") : [value], source: `env ${variable}` };
  }
  return undefined;
}

function ofProfile(
  name: string,
  profile: Profile | undefined,
): { readonly texts: readonly string[]; readonly source: Source } | undefined {
  const texts = profile?.texts[name];
  return profile === undefined || texts === undefined
    ? undefined
    : { texts, source: `profile ${profile.name}` };
}

function called(name: string, source: Source): string {
  if (source === "flag") return `--${name}`;
  return source.startsWith("env ") ? source.slice("env ".length) : `the ${source}: ${name}`;
}
