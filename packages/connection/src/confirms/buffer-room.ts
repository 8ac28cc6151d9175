import { WarrenError } from "@warren/message";

export interface BufferLimits {
  readonly maxInFlight: number;
  readonly maxWaiting: number;
  readonly maxBufferBytes: number;
  readonly whenFull: "wait" | "refuse";
}

/** Counts everything that is unsettled, in flight or waiting, so that memory stays bounded whatever the broker does. */
export class BufferRoom {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #count = 0;
  #bytes = 0;

  constructor({ maxInFlight, maxWaiting, maxBufferBytes, whenFull }: BufferLimits) {
    this.#maxCount = whenFull === "wait" ? maxInFlight + maxWaiting : maxInFlight;
    this.#maxBytes = maxBufferBytes;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** As many bytes as one more will have, by those that are here; never so many that it would waste the buffer. */
  get usualBytes(): number {
    return Math.min(this.#bytes / this.#count || 0, this.#maxBytes / 1_000);
  }

  /** Why there is no room for so many bytes more, or nothing. The first one always has room. */
  refusal(bytes: number): WarrenError | undefined {
    if (this.#count === 0) return undefined;
    if (this.#count < this.#maxCount && this.#bytes + bytes <= this.#maxBytes) return undefined;
    return new WarrenError(
      "PUBLISH_BUFFER_FULL",
      `${this.#count} of ${this.#maxCount} publishes and ${this.#bytes} of ${this.#maxBytes} bytes are waiting for their confirms`,
      { context: { unsettledCount: this.#count, unsettledBytes: this.#bytes } },
    );
  }

  take(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
  }
}
