import { type Command, defineCommand } from "../command.ts";
import { helpText, unknownCommand, writableFlagsOf } from "../command-line.ts";
import { exitCodes } from "../exit-code.ts";
import { ByteOutput } from "../output/byte-output.ts";
import { type Flag, toggle } from "../settings/flag.ts";
import { variableOf } from "../settings/resolve-settings.ts";
import { escapeJson } from "../terminal.ts";

export const help: Command = defineCommand({
  name: "help",
  positionals: "[command]",
  argument: "The command; without it, all",
  argumentChoices: (commands) => commands.map(({ name }) => name),
  describe: "Tell what there is, for people or for programs",
  effect: "none",
  flags: { json: toggle("As JSON: commands, options, defaults, examples, effects, exit codes") },
  examples: [
    ["warren help publish", "the options of a command"],
    ["warren help --json", "everything, for a program"],
  ],
  run: async ({ args, commands, settings, io }) => {
    const asked = commands.filter(({ name }) => args.length === 0 || args.includes(name));
    if (asked.length === 0) throw unknownCommand(args, commands);
    const text = settings.json
      ? `${escapeJson(JSON.stringify(treeOf(asked)))}\n`
      : await helpText(args, commands);
    await new ByteOutput(io.stdout).write(Buffer.from(text));
    return 0;
  },
});

/** The shape of `help --json`, version 1. */
function treeOf(commands: readonly Command[]): object {
  return { v: 1, commands: commands.map(describedCommand), exitCodes };
}

function describedCommand(command: Command): object {
  const { name, positionals, argument, describe, effect, examples } = command;
  return {
    name,
    positionals,
    argument,
    describe,
    effect,
    options: Object.entries<Flag<unknown>>(writableFlagsOf(command)).map(describedFlag),
    examples: examples.map(([example, what]) => ({ example, what })),
  };
}

function describedFlag([name, flag]: readonly [string, Flag<unknown>]): object {
  const { kind, describe, alias, placeholder, choices, default: value, defaultText } = flag;
  return {
    name,
    ...(alias === undefined ? {} : { alias }),
    kind,
    describe,
    ...(placeholder === undefined || placeholder === "" ? {} : { placeholder }),
    ...(choices === undefined ? {} : { choices }),
    ...(value === undefined ? {} : { default: value }),
    ...(defaultText === undefined ? {} : { defaultText }),
    variable: variableOf(name),
  };
}
