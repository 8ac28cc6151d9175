import { didYouMean } from "@warren/message/authoring";
import { type Command, defineCommand } from "../command.ts";
import { shellScripts } from "../completion/shell-scripts.ts";
import { Failure } from "../failure.ts";
import { ByteOutput } from "../output/byte-output.ts";

const shells: Readonly<Record<string, string>> = shellScripts;

export const completion: Command = defineCommand({
  name: "completion",
  positionals: "[shell]",
  argument: `The shell: ${Object.keys(shells).join(", ")}`,
  argumentChoices: () => Object.keys(shells),
  describe: "Print what makes a shell complete commands, options and their values",
  effect: "none",
  flags: {},
  examples: [
    ["warren completion bash >> ~/.bashrc", "for bash"],
    ["warren completion zsh >> ~/.zshrc", "for zsh, behind compinit"],
    ["warren completion fish > ~/.config/fish/completions/warren.fish", "for fish"],
  ],
  run: async ({ args, io }) => {
    const [shell] = args;
    const known = Object.keys(shells);
    if (shell === undefined) throw new Failure(64, `say for which shell: ${known.join(", ")}`);
    const script = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
    if (script === undefined)
      throw new Failure(
        64,
        `no completion for "${shell}", only ${known.join(", ")}.${didYouMean(shell, known)}`,
      );
    await new ByteOutput(io.stdout).write(Buffer.from(script));
    return 0;
  },
});
