import { createRequire } from "node:module";
import { didYouMean } from "@warren/message/authoring";
import yargs, { type Argv, type Options } from "yargs";
import type { Command } from "./command.ts";
import { Failure } from "./failure.ts";
import {
  connectionFlags,
  type ConnectionSettings,
  generalFlags,
  type GeneralSettings,
} from "./settings/common-flags.ts";
import type { Flag, Flags, FlagsFor } from "./settings/flag.ts";
import { variableOf, type Written } from "./settings/resolve-settings.ts";

/** What a command line asks for: to run a command, or only to be told something (help, version). */
export type Asked =
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly args: readonly string[];
      readonly written: Written;
    }
  | { readonly kind: "text"; readonly text: string };

/** A command's own flags, and those that every command has. */
export function flagsOf<F extends Flags>(
  command: Command<F>,
): F & FlagsFor<ConnectionSettings & GeneralSettings> {
  return { ...command.flags, ...connectionFlags, ...generalFlags };
}

/** What may be written on the command line: no secrets, and about the connection only where one is made. */
export function writableFlagsOf(command: Command): Flags {
  const all = command.effect === "none" ? { ...command.flags, ...generalFlags } : flagsOf(command);
  return Object.fromEntries(
    Object.entries<Flag<unknown>>(all).filter(([, { kind }]) => kind !== "environment"),
  );
}

/**
 * Reads a command line. It decides nothing about values: that is for the settings, which read the environment too.
 *
 * @throws Failure 64
 */
export async function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
): Promise<Asked> {
  if (asksForHelp(argv)) return { kind: "text", text: await helpText(argv, commands) };
  // yargs would take the last word "help" for the option: a body or a queue may be called so.
  const { error, output, chosen } = await parsed(frame().help(false), argv, commands);
  if (error) throw new Failure(64, lowerFirst(error.message), { hint: seeHelp(chosen?.command.name) });
  if (output !== "") return { kind: "text", text: `${output}\n` };
  if (chosen === undefined) throw unknownCommand(argv, commands);
  return { kind: "command", command: chosen.command, ...checked(chosen.command, chosen.written) };
}

/** What `--help` says, of the command that is named among the words, or of all. */
export async function helpText(words: readonly string[], commands: readonly Command[]): Promise<string> {
  const name = words.find((word) => commands.some((command) => command.name === word));
  // A word behind the command, since yargs would drop a last one that is "help".
  const argv = [...(name === undefined ? [] : [name, "-"]), "--help"];
  const { output } = await parsed(frame().alias("help", "h"), argv, commands);
  return `${output}\n`;
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end < 0 ? undefined : end).some((word) => word === "--help" || word === "-h");
}

interface Parsed {
  readonly error: Error | undefined;
  readonly output: string;
  readonly chosen: { readonly command: Command; readonly written: Record<string, unknown> } | undefined;
}

async function parsed(empty: Argv, argv: readonly string[], commands: readonly Command[]): Promise<Parsed> {
  let chosen: Parsed["chosen"];
  let parser = empty;
  for (const command of commands)
    parser = parser.command(
      [command.name, command.positionals].join(" ").trim(),
      command.describe,
      (sub) => helpOf(sub, command),
      (written) => {
        chosen = { command, written };
      },
    );
  const { error, output } = await new Promise<Pick<Parsed, "error" | "output">>((resolve) => {
    void parser.parse([...argv], {}, (error, _parsed, output) =>
      resolve({ error: error ?? undefined, output }),
    );
  });
  return { error, output, chosen };
}

/** yargs, told to leave every value as it was written. */
function frame(): Argv {
  return yargs()
    .scriptName("warren")
    .locale("en")
    .exitProcess(false)
    .wrap(100)
    .usage("$0 <command>\n\nRabbitMQ from the command line.")
    .demandCommand(1, "say what to do")
    .version(version())
    .parserConfiguration({
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "camel-case-expansion": false,
      "strip-aliased": true,
      "greedy-arrays": false,
    });
}

function helpOf(sub: Argv, command: Command): Argv {
  let help = sub;
  for (const name of positionalsOf(command))
    help = help.positional(name, { type: "string", describe: command.argument });
  for (const [name, flag] of Object.entries<Flag<unknown>>(writableFlagsOf(command)))
    help = help.option(name, optionOf(flag));
  for (const [example, what] of command.examples) help = help.example(example, what);
  return help.epilogue(
    `Every option can be a variable: --max-reconnect-time is ${variableOf("max-reconnect-time")}. ` +
      "Passwords: WARREN_PASSWORD, --password-file or --password-stdin.",
  );
}

function optionOf(flag: Flag<unknown>): Options {
  const named = flag.kind === "text" || flag.kind === "list";
  const describe =
    named && flag.choices === undefined ? `${flag.describe} [${flag.placeholder ?? "TEXT"}]` : flag.describe;
  const defaultText =
    flag.defaultText ??
    (flag.kind === "text" && (typeof flag.default === "string" || typeof flag.default === "number")
      ? String(flag.default)
      : undefined);
  return {
    describe,
    ...(flag.kind === "toggle"
      ? { boolean: true }
      : flag.kind === "level"
        ? { count: true }
        : { string: true }),
    ...(named ? { requiresArg: true } : {}),
    ...(flag.alias === undefined ? {} : { alias: flag.alias }),
    ...(flag.group === undefined ? {} : { group: flag.group }),
    ...(defaultText === undefined && flag.default !== true
      ? {}
      : { defaultDescription: defaultText ?? "true" }),
  };
}

/** What yargs' own strictness would say without a suggestion. */
function checked(
  command: Command,
  parsed: Record<string, unknown>,
): { readonly args: readonly string[]; readonly written: Written } {
  const names = positionalsOf(command);
  const flags = writableFlagsOf(command);
  const { _: words, $0: _script, ...written } = parsed;
  const args = names.flatMap((name) => (written[name] === undefined ? [] : [written[name] as string]));
  // The first word is the command; what stands behind "--" comes as further words.
  args.push(...(words as readonly unknown[]).slice(1).map(String));
  for (const name of names) delete written[name];
  // yargs gives a count that was not written as 0.
  for (const [name, flag] of Object.entries(flags))
    if (flag.kind === "level" && written[name] === 0) delete written[name];
  const unknown = Object.keys(written).filter((name) => !Object.hasOwn(flags, name));
  if (unknown.length > 0) {
    const options = Object.keys(flags).map((name) => dashed(name));
    const told = unknown.map((name) => `unknown option ${dashed(name)}.${didYouMean(dashed(name), options)}`);
    throw new Failure(64, told.join("\n"), { hint: seeHelp(command.name) });
  }
  if (args.length > names.length)
    throw new Failure(64, `too many arguments: ${args.slice(names.length).join(" ")}`, {
      hint: seeHelp(command.name),
    });
  return { args, written };
}

function positionalsOf(command: Command): readonly string[] {
  return [...command.positionals.matchAll(/[[<](\w+)/g)].map(([, name]) => name!);
}

export function unknownCommand(argv: readonly string[], commands: readonly Command[]): Failure {
  const word = argv.find((text) => !text.startsWith("-")) ?? "";
  const names = commands.map(({ name }) => name);
  return new Failure(64, `there is no command "${word}".${didYouMean(word, names)}`, {
    hint: seeHelp(undefined),
  });
}

function seeHelp(command: string | undefined): string {
  return `warren ${command === undefined ? "" : `${command} `}--help shows what there is.`;
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** From the package's own manifest, which is one folder up in the source and in the build. */
function version(): string {
  return (createRequire(import.meta.url)("../package.json") as { version: string }).version;
}
