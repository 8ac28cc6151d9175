import { type BigIntStats, createReadStream, fstatSync } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { Failure, systemFailure } from "../failure.ts";
import type { Io } from "../io.ts";

/** One place that bytes come from, and how error messages call it. */
export interface Source {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Whether no bytes at all are a body; not on stdin, where it is rather the command before the pipe that failed. */
  readonly mayBeEmpty: boolean;
  /** Which file it is, where it is one: two names may lead to the same, and stdin has none. */
  readonly file?: FileId | undefined;
}

/** A file, whatever it is called: its disk and its place on it. */
export type FileId = `${bigint}:${bigint}`;

/**
 * `-` is stdin, anything else a file, opened when its turn comes.
 *
 * @throws Failure 66 or 74 for a file that cannot be read, before anything is published
 */
export async function openSource(path: string, io: Io): Promise<Source> {
  if (path === "-") return { name: "stdin", chunks: io.stdin, mayBeEmpty: false, file: stdinFile(io.stdin) };
  try {
    await access(path, constants.R_OK);
    const stats = await stat(path, { bigint: true });
    if (stats.isDirectory()) throw new Failure(74, `cannot read ${path}: it is a directory`);
    return { name: path, chunks: readFile(path), mayBeEmpty: true, file: fileIdOf(stats) };
  } catch (error) {
    throw systemFailure(error, "cannot read", path) ?? error;
  }
}

/** Nothing for a pipe or a device: what is written there does not come back as input. */
export function fileIdOf(stats: BigIntStats): FileId | undefined {
  return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
}

function stdinFile({ fd }: Io["stdin"]): FileId | undefined {
  return fd === undefined ? undefined : fileIdOf(fstatSync(fd, { bigint: true }));
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
