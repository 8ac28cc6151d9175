import { refuseLostBytes } from "./argument-bytes.ts";
import { openBroker } from "./broker/open-broker.ts";
import type { Command } from "./command.ts";
import { flagsOf, parseCommandLine, writableFlagsOf } from "./command-line.ts";
import { completion } from "./commands/completion.ts";
import { consume } from "./commands/consume.ts";
import { help } from "./commands/help.ts";
import { publish } from "./commands/publish.ts";
import { completionsOf, completionWord } from "./completion/completions-of.ts";
import type { ExitCode } from "./exit-code.ts";
import { reportOf } from "./failure.ts";
import { interruptOf } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { Log } from "./log.ts";
import { redact } from "./redact.ts";
import { ByteOutput, OutputClosed } from "./output/byte-output.ts";
import { explainConfig } from "./settings/explain-config.ts";
import { connectionFlags } from "./settings/common-flags.ts";
import { type Profile, readProfile } from "./settings/profile.ts";
import { resolveSettings, type Written } from "./settings/resolve-settings.ts";
import { escapeJson } from "./terminal.ts";

/** How long a command that somebody waits for tries to get a lost connection back. */
const defaultMaxReconnectMs = 30_000;

/** The command tree, in the order of `--help`. */
export const commands: readonly Command[] = [publish, consume, completion, help];

/**
 * Runs one command line and resolves with its exit code when everything it has to say is written. It never throws and
 * never ends the process.
 */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  // Before the settings are known, an error can only be told in the form that the command line itself asks for.
  let log = new Log({ level: 0, format: "text", stderr: io.stderr });
  let json = argv.includes("--json-errors");
  let debug = argv.includes("--debug");
  let strictPipe = false;
  try {
    if (argv[0] === completionWord) {
      const words = completionsOf(argv.slice(1), commands).map((word) => `${word}\n`);
      await new ByteOutput(io.stdout).write(Buffer.from(words.join("")));
      return 0;
    }
    refuseLostBytes(argv);
    const asked = await parseCommandLine(argv, commands);
    if (asked.kind === "text") {
      await new ByteOutput(io.stdout).write(Buffer.from(asked.text));
      return 0;
    }
    const { command, args } = asked;
    const flags = flagsOf(command);
    const profile = await profileOf(command, asked.written, io.env);
    const resolved = resolveSettings(flags, asked.written, io.env, profile);
    const { settings } = resolved;
    if (settings["explain-config"]) {
      await new ByteOutput(io.stdout).write(Buffer.from(explainConfig(flags, resolved)));
      return 0;
    }
    json = settings["json-errors"];
    debug = settings.debug || settings.verbose > 1;
    strictPipe = settings["pipefail-strict"];
    log = new Log({
      level: settings.quiet ? -1 : settings.verbose,
      format: settings["log-format"],
      stderr: io.stderr,
    });
    if (resolved.sources.url === "flag" && settings.url.some((url) => url !== redact(url)))
      log.warn(
        "the password in --url can be seen by other users of this machine; use WARREN_URL or --password-file",
      );
    const { url: urlSource = "default" } = resolved.sources;
    if (profile?.texts["url"] !== undefined && urlSource.startsWith("env "))
      log.warn(`${urlSource.slice("env ".length)} is used, not the url of the profile "${profile.name}"`);
    using interrupt = interruptOf(io, log);
    const { signal } = interrupt;
    return await command.run({
      settings,
      args,
      io,
      log,
      commands,
      interrupt: signal,
      openBroker: ({ follows } = { follows: false }) =>
        openBroker(settings, {
          io,
          log,
          interrupt: signal,
          command: command.name,
          maxReconnectMs: settings["max-reconnect-time"] ?? (follows ? 0 : defaultMaxReconnectMs),
        }),
    });
  } catch (error) {
    if (error instanceof OutputClosed) return strictPipe ? 141 : 0;
    return tell(error, log, { json, debug });
  } finally {
    // A stdin that is still open would keep the process alive.
    io.stdin.destroy();
  }
}

/** The profile that the command line or else `WARREN_PROFILE` names. */
async function profileOf(command: Command, written: Written, env: Io["env"]): Promise<Profile | undefined> {
  if (command.effect === "none") return undefined;
  const { profile: flag } = connectionFlags;
  const { settings } = resolveSettings({ profile: flag }, { profile: written["profile"] }, env);
  if (settings.profile === undefined) return undefined;
  const options = commands.flatMap((known) => Object.keys(writableFlagsOf(known)));
  return readProfile(
    settings.profile,
    env,
    [...new Set(options)].filter((option) => option !== "profile"),
  );
}

/** Tells an error that nobody caught, as any other: without a stack trace unless that was asked for. */
export function tellUncaught(error: unknown, argv: readonly string[], io: Pick<Io, "stderr">): ExitCode {
  const log = new Log({ level: 0, format: "text", stderr: io.stderr });
  return tell(error, log, { json: argv.includes("--json-errors"), debug: argv.includes("--debug") });
}

/** Tells an error once, in one of two forms, and gives its exit code. */
function tell(error: unknown, log: Log, form: { readonly json: boolean; readonly debug: boolean }): ExitCode {
  const report = reportOf(error);
  const stack = form.debug && error instanceof Error ? error.stack : undefined;
  if (form.json) {
    const object = { ...report, ...(stack === undefined ? {} : { stack }) };
    log.raw(`${escapeJson(JSON.stringify(object))}\n`);
  } else {
    log.error([report.message, report.hint, stack].filter((text) => text !== undefined).join("\n"));
    if (report.cause !== undefined) log.info(`because: ${report.cause}`);
  }
  return report.exit;
}
