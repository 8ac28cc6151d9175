import type { ReadyLine } from "./ready-line.ts";
import { Ring } from "./ring.ts";
import type { StoredMessage } from "./stored-message.ts";

/**
 * The line of a quorum queue. What comes back leaves before what was never out, in the order in which it came back;
 * except that RabbitMQ 3.10 without a delivery limit puts what a consumer requeued behind all others.
 */
export class QuorumLine implements ReadyLine {
  readonly #fresh = new Ring<StoredMessage>();
  readonly #returned = new Ring<StoredMessage>();
  readonly #requeuesToTail: boolean;
  #bytes = 0;

  constructor(options: { readonly requeuesToTail: boolean }) {
    this.#requeuesToTail = options.requeuesToTail;
  }

  get count(): number {
    return this.#fresh.length + this.#returned.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(stored: StoredMessage): void {
    this.#fresh.push(stored);
    this.#bytes += stored.message.body.length;
  }

  putBack(stored: StoredMessage, why: "requeued" | "channel-closed"): void {
    if (this.#requeuesToTail && why === "requeued") this.#fresh.push(stored);
    else this.#returned.push(stored);
    this.#bytes += stored.message.body.length;
  }

  head(): StoredMessage | undefined {
    return this.#returned.first() ?? this.#fresh.first();
  }

  take(): StoredMessage | undefined {
    const stored = this.#returned.shift() ?? this.#fresh.shift();
    if (stored !== undefined) this.#bytes -= stored.message.body.length;
    return stored;
  }

  clear(): void {
    this.#fresh.clear();
    this.#returned.clear();
    this.#bytes = 0;
  }
}
