/** A line on standard error that is written over while a terminal watches, and a plain one every few seconds otherwise. */
export class Progress implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout;

  constructor(describe: () => string, stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#timer = setInterval(() => this.#show(describe()), stream.isTTY ? 100 : 5_000);
  }

  #show(line: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\u001B[2K${line}` : `${line}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write("\r\u001B[2K");
  }
}
