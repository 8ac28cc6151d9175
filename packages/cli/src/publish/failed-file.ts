import { type FileHandle, open } from "node:fs/promises";
import { Failure } from "../failure.ts";
import { fileIdOf, type Source } from "../input/open-source.ts";
import { encodeEnvelope } from "../message/envelope.ts";
import { fateOf } from "./fate.ts";
import type { Settled } from "./publish-all.ts";

/**
 * Where messages go that were not confirmed: one envelope a line with their fate, which `--input envelope` takes
 * again. It is opened before the first publish, so that a full disk or a wrong name costs no message, and only added
 * to, so that a second run does not erase the first one's.
 */
export class FailedFile {
  readonly #file: FileHandle;
  readonly #path: string;
  /** One line after the other: a long one is several writes, which must not mix with another line's. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** @throws Failure 74 when it cannot be written, 64 when it is also an input */
  static async open(path: string, inputs: readonly Source[]): Promise<FailedFile> {
    try {
      // Bodies may be personal data: only the owner reads them.
      const file = await open(path, "a", 0o600);
      const own = fileIdOf(await file.stat({ bigint: true }));
      if (own !== undefined && inputs.some((input) => input.file === own)) {
        await file.close();
        throw new Failure(64, `${path} cannot be the input and --failed-to at once: it would feed itself`);
      }
      return new FailedFile(file, path);
    } catch (error) {
      throw error instanceof Failure ? error : notWritten(error, path);
    }
  }

  /** Resolves when the line is written. @throws Failure 74 */
  add(result: Settled): Promise<void> {
    const { publishing, kept } = result.message;
    const { exchange, routingKey, body, mandatory: _mandatory, ...written } = publishing;
    // The id that this attempt was given: whoever removes duplicates knows the next one by it.
    const { messageId } = result.confirmation;
    const properties = messageId === "" ? written : { ...written, messageId };
    const message = { exchange, routingKey, body, properties, ...(kept === undefined ? {} : { kept }) };
    const line = encodeEnvelope(message, "auto", { fate: fateOf(result.confirmation) });
    return (this.#turn = this.#turn.then(() => this.#write(`${line}\n`)));
  }

  /** Resolves when everything is on the disk, or in the pipe that it is. @throws Failure 74 */
  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    try {
      await this.#file.datasync();
    } catch (error) {
      if (!hasNoDisk(error)) throw notWritten(error, this.#path);
    } finally {
      await this.#file.close();
    }
  }

  async #write(line: string): Promise<void> {
    try {
      await this.#file.appendFile(line);
    } catch (error) {
      throw notWritten(error, this.#path);
    }
  }
}

/** A pipe or a device cannot be synchronised. */
function hasNoDisk(error: unknown): boolean {
  return ["EINVAL", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function notWritten(error: unknown, path: string): Failure {
  const { code = "" } = error as NodeJS.ErrnoException;
  return new Failure(74, `cannot write ${path}: ${code}`, { cause: error });
}
