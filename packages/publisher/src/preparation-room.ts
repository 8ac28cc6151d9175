import { WarrenError } from "@warren/message";

/** Counts what is being validated or compressed, so that memory stays bounded however long that takes. */
export class PreparationRoom {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #count = 0;
  #bytes = 0;

  /**
   * @param maxCount how many may be prepared at the same time.
   * @param maxBytes how large their bodies may be together; one is taken whatever its size.
   */
  constructor(maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount;
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#count >= this.#maxCount || this.#bytes >= this.#maxBytes;
  }

  /** Why there is no room for a body of so many bytes, or nothing. */
  refusal(bytes: number): WarrenError | undefined {
    const [unsettledCount, unsettledBytes] = [this.#count, this.#bytes];
    if (unsettledCount === 0) return undefined;
    if (unsettledCount < this.#maxCount && unsettledBytes + bytes <= this.#maxBytes) return undefined;
    return new WarrenError(
      "PUBLISH_BUFFER_FULL",
      `${unsettledCount} of ${this.#maxCount} publishes and ${unsettledBytes} of ${this.#maxBytes} bytes are being validated or compressed`,
      { context: { unsettledCount, unsettledBytes } },
    );
  }

  /** @returns what gives the place back; only its first call does. */
  take(bytes: number): () => void {
    this.#count++;
    this.#bytes += bytes;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#count--;
      this.#bytes -= bytes;
    };
  }
}
