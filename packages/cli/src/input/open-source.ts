import { createReadStream } from "node:fs";
import { Failure, systemFailure } from "../failure.ts";
import type { Io } from "../io.ts";

/** One place that bytes come from, and how error messages call it. */
export interface Source {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** `-` is stdin, anything else a file. A file that cannot be read is told when it is read. */
export function openSource(path: string, io: Io): Source {
  if (path === "-") return { name: "stdin", chunks: io.stdin };
  return { name: path, chunks: readFile(path) };
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    throw systemFailure(error, "cannot read") ?? new Failure(74, `cannot read ${path}`, { cause: error });
  }
}
