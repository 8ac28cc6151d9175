import type { Command } from "../command.ts";
import { writableFlagsOf } from "../command-line.ts";
import type { Flag } from "../settings/flag.ts";

/** The first argument by which a shell's script asks for completions; the words up to the cursor follow. */
export const completionWord = "__complete";

/**
 * What the last of the words may become: commands, options, and values where there is a choice. Nothing where a shell
 * knows better, as for files. yargs has completions too, but reads the words and the shell from the process, and gives
 * other ones where `SHELL` is not the shell that asks.
 */
export function completionsOf(words: readonly string[], commands: readonly Command[]): readonly string[] {
  const { current, before } = cursorOf(words);
  const command = commands.find(({ name }) => name === before.find((word) => !word.startsWith("-")));
  if (command === undefined) return matching(current, ["--help", "--version"], () => commands.map(nameOf));
  const flags = Object.entries<Flag<unknown>>(writableFlagsOf(command));
  const named = (word: string | undefined): Flag<unknown> | undefined =>
    flags.find(([name, { alias }]) => word === `--${name}` || word === `-${alias}`)?.[1];
  const equals = current.startsWith("--") ? current.indexOf("=") : -1;
  if (equals > 0) {
    const option = current.slice(0, equals);
    return matching(
      current,
      choicesOf(named(option)).map((choice) => `${option}=${choice}`),
    );
  }
  const asking = named(before.at(-1));
  if (asking?.kind === "text" || asking?.kind === "list") return matching(current, choicesOf(asking));
  return matching(current, ["--help", ...flags.flatMap(writtenAs)], () =>
    before.length > 1 ? [] : (command.argumentChoices?.(commands) ?? []),
  );
}

/** bash splits `--name=value` in three. */
function cursorOf(words: readonly string[]): {
  readonly current: string;
  readonly before: readonly string[];
} {
  const last = words.at(-1) ?? "";
  const split = last === "=" || words.at(-2) === "=";
  return {
    current: last === "=" ? "" : last,
    before: words.slice(0, -1).filter((word) => !(split && word === "=")),
  };
}

/** Options where one is begun, else the words that can stand here. */
function matching(
  current: string,
  options: readonly string[],
  words: () => readonly string[] = () => options,
): readonly string[] {
  return (current.startsWith("-") ? options : words()).filter((word) => word.startsWith(current));
}

function choicesOf(flag: Flag<unknown> | undefined): readonly string[] {
  return flag?.choices ?? [];
}

/** A toggle that is on can only be written to switch it off. */
function writtenAs([name, flag]: readonly [string, Flag<unknown>]): readonly string[] {
  return [flag.kind === "toggle" && flag.default === true ? `--no-${name}` : `--${name}`];
}

function nameOf({ name }: Command): string {
  return name;
}
