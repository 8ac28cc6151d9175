import type { ReadyLine } from "./ready-line.ts";
import { Ring } from "./ring.ts";
import type { StoredMessage } from "./stored-message.ts";

/**
 * The line of a classic queue: whatever comes back takes the place that it had before.
 *
 * What came back stands apart from what was never out, and is older than all of that, since messages leave at the head
 * alone. So messages that come back in any one direction cost no search.
 */
export class PositionedLine implements ReadyLine {
  readonly #fresh = new Ring<StoredMessage>();
  readonly #returned = new Ring<StoredMessage>();
  #bytes = 0;

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

  putBack(stored: StoredMessage): void {
    const returned = this.#returned;
    this.#bytes += stored.message.body.length;
    const last = returned.last();
    if (last === undefined || last.position < stored.position) returned.push(stored);
    else returned.insert(this.#placeOf(stored), stored);
  }

  head(): StoredMessage | undefined {
    return this.#older().first();
  }

  take(): StoredMessage | undefined {
    const stored = this.#older().shift();
    if (stored !== undefined) this.#bytes -= stored.message.body.length;
    return stored;
  }

  clear(): void {
    this.#fresh.clear();
    this.#returned.clear();
    this.#bytes = 0;
  }

  #older(): Ring<StoredMessage> {
    return this.#returned.length > 0 ? this.#returned : this.#fresh;
  }

  /** The index of the first that came later. */
  #placeOf(stored: StoredMessage): number {
    let low = 0;
    let high = this.#returned.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#returned.at(middle) as StoredMessage).position < stored.position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
