import { WarrenError } from "@warren/message";
import { type ExitCode, exitCodeOfError } from "./exit-code.ts";

const codes: Readonly<Partial<Record<ExitCode, string>>> = {
  2: "EMPTY",
  64: "USAGE",
  65: "BAD_INPUT",
  66: "NOT_FOUND",
  74: "IO_FAILED",
  75: "TEMPORARY",
};

/** What a command itself has to say when it cannot go on; everything else comes as a WarrenError. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exit: ExitCode;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(
    exit: ExitCode,
    message: string,
    details: { readonly code?: string; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.exit = exit;
    this.code = details.code ?? codes[exit] ?? "FAILED";
    this.hint = details.hint;
  }
}

/** An error as every command tells it: on one line, or as the object of `--json-errors`. */
export interface FailureReport {
  readonly code: string;
  readonly exit: ExitCode;
  readonly message: string;
  readonly hint?: string;
  readonly cause?: string;
}

/** The place of any thrown value in the table of exit codes, and its words. */
export function reportOf(error: unknown): FailureReport {
  if (error instanceof Failure) return withCause({ ...named(error), hint: error.hint }, error.cause);
  if (error instanceof WarrenError)
    return withCause(
      { code: error.code, exit: exitCodeOf(error), message: error.sentence, hint: hints[error.code] },
      error.cause,
    );
  const system = systemFailure(error);
  if (system !== undefined) return named(system);
  const message = error instanceof Error ? error.message : String(error);
  return { code: "INTERNAL", exit: 1, message, hint: "This is a bug in warren; --debug shows where." };
}

/** An operating system's error about a file, in the words of the table; nothing for any other value. */
export function systemFailure(
  error: unknown,
  what = "cannot read or write",
  file?: string,
): Failure | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  const path = file ?? (error as { path?: string }).path;
  if (error.code === "ENOENT") return new Failure(66, `no such file: ${path ?? ""}`);
  return new Failure(74, `${[what, path].filter(Boolean).join(" ")}: ${String(error.code)}`);
}

/** A wrapper such as CONSUMER_FAILED exits as the broker's own answer inside it would. */
function exitCodeOf(error: WarrenError): ExitCode {
  return wrappers.has(error.code) && error.cause instanceof WarrenError
    ? exitCodeOf(error.cause)
    : exitCodeOfError[error.code];
}

const wrappers: ReadonlySet<string> = new Set(["CONSUMER_FAILED", "PUBLISH_REFUSED", "PUBLISH_UNKNOWN"]);

/** What helps here, beside the error's own words: which option it is. */
const hints: Readonly<Record<string, string>> = {
  CONNECTION_REFUSED: "--url, WARREN_URL or AMQP_URL says where the broker is.",
  HOST_NOT_FOUND: "--url, WARREN_URL or AMQP_URL says where the broker is.",
  ACCESS_REFUSED: "The user is in the URL or --user, the password in WARREN_PASSWORD or --password-file.",
  VHOST_NOT_FOUND: "The vhost is the path of the URL, or --vhost.",
  BROKER_NOT_FOUND: "Nothing is created by publishing or consuming; check the name and --vhost.",
  TLS_FAILED: "The options are --tls-ca, --tls-cert and --tls-key.",
  TLS_UNTRUSTED: "The option is --tls-ca FILE.",
  TLS_NAME_MISMATCH: "The option is --tls-servername NAME.",
  TLS_CLIENT_CERTIFICATE: "The options are --tls-cert and --tls-key.",
  INSECURE_CONNECTION: "Use amqps://, or --insecure if the network can be trusted.",
};

function named(failure: Failure): FailureReport {
  return { code: failure.code, exit: failure.exit, message: failure.message };
}

type Draft = Omit<FailureReport, "hint" | "cause"> & { readonly hint: string | undefined };

function withCause(report: Draft, cause: unknown): FailureReport {
  const { hint, ...rest } = report;
  const text =
    cause instanceof WarrenError ? cause.sentence : cause instanceof Error ? cause.message : undefined;
  return {
    ...rest,
    ...(hint === undefined ? {} : { hint }),
    ...(text === undefined || text === "" || rest.message.includes(text) ? {} : { cause: text }),
  };
}
