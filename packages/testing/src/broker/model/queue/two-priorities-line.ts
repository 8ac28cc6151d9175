import type { ReadyLine } from "./ready-line.ts";
import { Ring } from "./ring.ts";
import type { StoredMessage } from "./stored-message.ts";

/** Above it a message is urgent. */
const NORMAL_PRIORITY = 4;

/** Of every three messages one is the oldest of all. */
const TURNS = 3;

/**
 * The line of a quorum queue of RabbitMQ 4.0: what came back first, in the order in which it did; then two
 * urgent messages before the oldest of all has its turn.
 */
export class TwoPrioritiesLine implements ReadyLine {
  readonly #returned = new Ring<StoredMessage>();
  readonly #urgent = new Ring<StoredMessage>();
  readonly #normal = new Ring<StoredMessage>();
  #bytes = 0;
  #turn = 0;

  get count(): number {
    return this.#returned.length + this.#urgent.length + this.#normal.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(stored: StoredMessage): void {
    const { priority = NORMAL_PRIORITY } = stored.message.properties;
    (priority > NORMAL_PRIORITY ? this.#urgent : this.#normal).push(stored);
    this.#bytes += stored.message.body.length;
  }

  putBack(stored: StoredMessage): void {
    this.#returned.push(stored);
    this.#bytes += stored.message.body.length;
  }

  head(): StoredMessage | undefined {
    return this.#returned.first() ?? this.#next().first();
  }

  take(): StoredMessage | undefined {
    const stored = this.#returned.shift() ?? this.#takeFresh();
    if (stored !== undefined) this.#bytes -= stored.message.body.length;
    return stored;
  }

  clear(): void {
    this.#returned.clear();
    this.#urgent.clear();
    this.#normal.clear();
    this.#bytes = 0;
    this.#turn = 0;
  }

  #takeFresh(): StoredMessage | undefined {
    const stored = this.#next().shift();
    if (stored !== undefined) this.#turn = (this.#turn + 1) % TURNS;
    return stored;
  }

  #next(): Ring<StoredMessage> {
    const urgent = this.#urgent.first();
    const normal = this.#normal.first();
    if (urgent === undefined) return this.#normal;
    const isTurnOfOldest = this.#turn === TURNS - 1;
    return isTurnOfOldest && normal !== undefined && normal.position < urgent.position
      ? this.#normal
      : this.#urgent;
  }
}
