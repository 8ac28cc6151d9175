/**
 * How many messages, and how many bytes of them, may wait for their confirms. One producer calls `enter`; a message
 * larger than the byte limit enters when it is alone.
 */
export class Window {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #count = 0;
  #bytes = 0;
  #wake: (() => void) | undefined;

  constructor(maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount;
    this.#maxBytes = maxBytes;
  }

  async enter(bytes: number): Promise<void> {
    while (this.#count >= this.#maxCount || (this.#count > 0 && this.#bytes + bytes > this.#maxBytes))
      await this.#change();
    this.#count++;
    this.#bytes += bytes;
  }

  leave(bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    this.#wake?.();
  }

  async empty(): Promise<void> {
    while (this.#count > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
