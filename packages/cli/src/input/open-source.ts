import { createReadStream } from "node:fs";
import { access, constants } from "node:fs/promises";
import { Failure, systemFailure } from "../failure.ts";
import type { Io } from "../io.ts";

/** One place that bytes come from, and how error messages call it. */
export interface Source {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Whether no bytes at all are a body; not on stdin, where it is rather the command before the pipe that failed. */
  readonly mayBeEmpty: boolean;
}

/**
 * `-` is stdin, anything else a file, opened when its turn comes.
 *
 * @throws Failure 66 or 74 for a file that cannot be read, before anything is published
 */
export async function openSource(path: string, io: Io): Promise<Source> {
  if (path === "-") return { name: "stdin", chunks: io.stdin, mayBeEmpty: false };
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    throw systemFailure(error, "cannot read", path) ?? error;
  }
  return { name: path, chunks: readFile(path), mayBeEmpty: true };
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    throw (
      systemFailure(error, "cannot read", path) ?? new Failure(74, `cannot read ${path}`, { cause: error })
    );
  }
}
