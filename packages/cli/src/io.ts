import { fstatSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

/** Everything of the process that a command may touch. Tests pass their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether stdout leads to another process, which may go away at any time. */
  readonly stdoutIsPipe: boolean;
}

/** The streams and the environment of this process. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, stdoutIsPipe: isPipe(1) };
}

function isPipe(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}
