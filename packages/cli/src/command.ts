import type { ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
import type { Log } from "./log.ts";
import type { ConnectionSettings, GeneralSettings } from "./settings/common-flags.ts";
import type { Flags, SettingsOf } from "./settings/flag.ts";
import type { Broker } from "./broker/open-broker.ts";

/** What a command may count on while it runs. */
export interface CommandContext<F extends Flags> {
  readonly settings: SettingsOf<F> & ConnectionSettings & GeneralSettings;
  /** The positional arguments, as they were written. */
  readonly args: readonly string[];
  readonly io: Io;
  readonly log: Log;
  /** Every command of the tree. */
  readonly commands: readonly Command[];
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly interrupt: AbortSignal;
  /**
   * Connects as the settings say; the caller closes it. Without --max-reconnect-time a lost connection is made again
   * for 30 seconds, or for ever by a command that follows what has no end.
   */
  readonly openBroker: (options?: { readonly follows: boolean }) => Promise<Broker>;
}

/** One command of the tree: everything that its help, its settings and its work need, in one value. */
export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** The positional arguments as yargs writes them: `[body]`, `[queue]`. */
  readonly positionals: string;
  /** What the positional arguments are, for `--help`. */
  readonly argument: string;
  readonly describe: string;
  /** What it does to the broker; what does nothing has no options about the connection either. */
  readonly effect: "none" | "read" | "write" | "destroy";
  /** What the argument may be, for the shell's completion. */
  readonly argumentChoices?: (commands: readonly Command[]) => readonly string[];
  readonly flags: F;
  readonly examples: readonly (readonly [command: string, what: string])[];
  run(context: CommandContext<F>): Promise<ExitCode>;
}

/** Lets a command's flags give its settings their types. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command<F> {
  return command;
}
