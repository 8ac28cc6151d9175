import { Failure } from "../failure.ts";
import { openSource, type Source } from "../input/open-source.ts";
import type { Io } from "../io.ts";

/**
 * Where the messages come from: the argument, the files, or stdin.
 *
 * @throws Failure 64 when several are given, or none and stdin is a terminal; 66 or 74 when a file cannot be read
 */
export async function chooseSources(
  written: {
    readonly body: string | undefined;
    readonly files: readonly string[];
    readonly passwordFromStdin: boolean;
  },
  io: Io,
): Promise<readonly Source[]> {
  const { body, files, passwordFromStdin } = written;
  if (body !== undefined) {
    if (files.length > 0) throw new Failure(64, "either a body or --file, not both");
    return [{ name: "the argument", chunks: once(body), mayBeEmpty: true }];
  }
  const paths = files.length > 0 ? files : ["-"];
  if (paths.includes("-")) {
    if (passwordFromStdin) throw new Failure(64, "stdin cannot be the password and the message at once");
    if (io.stdin.isTTY === true)
      throw new Failure(64, "nothing to publish: give a body, --file, or something on stdin");
  }
  return Promise.all(paths.map((path) => openSource(path, io)));
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
