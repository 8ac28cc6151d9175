import { fstatSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

/** Everything of the process that a command may touch. Tests pass their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean; readonly fd?: number };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether stdout leads to another process, which may go away at any time. */
  readonly stdoutIsPipe: boolean;
  /** Calls back for SIGINT and SIGTERM instead of what they would do; returns what ends that. */
  readonly onSignal: (received: (signal: "SIGINT" | "SIGTERM") => void) => () => void;
  /** Ends the process at once, whatever it is doing. */
  readonly kill: (exitCode: number) => void;
}

/** The streams, the environment and the signals of this process. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return {
    stdin,
    stdout,
    stderr,
    env,
    stdoutIsPipe: isPipe(1),
    onSignal: (received) => {
      process.on("SIGINT", received).on("SIGTERM", received);
      return () => process.off("SIGINT", received).off("SIGTERM", received);
    },
    kill: (exitCode) => process.exit(exitCode),
  };
}

function isPipe(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}
