/**
 * The `warren` command as a library: what `main.ts` runs, for programs that bring their own streams.
 *
 * - A **Command** is one value: name, flags, examples, and what it does ({@link commands} lists them).
 * - A **Flag** is one setting; it is read from the command line, then from `WARREN_<FLAG>`, then has its default.
 * - Every command ends in one of {@link exitCodes}; stdout carries data only, everything else goes to stderr.
 *
 * ```ts
 * process.exitCode = await runCli(["publish", "-Q", "jobs", "hello"], processIo());
 * ```
 */

// For applications
export { runCli } from "./cli.ts";
export { processIo, type Io } from "./io.ts";
export { exitCodes, type ExitCode } from "./exit-code.ts";

// For library authors
export { commands } from "./cli.ts";
export { defineCommand, type Command, type CommandContext } from "./command.ts";
