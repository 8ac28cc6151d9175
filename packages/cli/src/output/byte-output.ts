import type { Writable } from "node:stream";
import { Failure } from "../failure.ts";

/** The reader of stdout went away (EPIPE, as in `| head`): nothing can be written any more, and that is no error. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/**
 * stdout, or whatever stands for it. A write resolves when the operating system has the bytes; those of one turn of
 * the event loop go out together.
 */
export class ByteOutput {
  readonly #stream: Writable;
  readonly #closed = new AbortController();
  #parts: Uint8Array[] = [];
  #flushing: Promise<void> | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    // A destroyed stdout emits one error for each write in flight; every one of them would be an uncaught exception.
    stream.on("error", (error) => this.#close(error));
  }

  /** Aborts when nothing can be written any more; its reason is what `write` throws. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** @throws OutputClosed, or Failure 74 when the disk is full or the device fails */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed.signal.aborted) return Promise.reject(this.#closed.signal.reason as Error);
    this.#parts.push(bytes);
    return (this.#flushing ??= new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        const all = Buffer.concat(this.#parts);
        this.#parts = [];
        this.#flushing = undefined;
        this.#stream.write(all, (error) => {
          if (error === null || error === undefined) return resolve();
          this.#close(error);
          return reject(this.#closed.signal.reason as Error);
        });
      });
    }));
  }

  #close(error: NodeJS.ErrnoException): void {
    const readerGone = error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
    this.#closed.abort(
      readerGone
        ? new OutputClosed("the reader of the output went away", { cause: error })
        : new Failure(74, `cannot write the output: ${error.code ?? error.message}`, { cause: error }),
    );
  }
}
