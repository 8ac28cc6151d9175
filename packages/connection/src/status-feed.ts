import type { ConnectionStatus } from "./connection-state.ts";

/** A reader that falls further behind than this loses the oldest changes. */
const maxUnreadCount = 1_000;

/** The changes of a state for one reader, as they come; ends when the feed or the reader is closed. */
export class StatusFeed<Change = ConnectionStatus> implements AsyncIterableIterator<Change> {
  readonly #unread: Change[] = [];
  readonly #left: () => void;
  #waiting: ((result: IteratorResult<Change>) => void)[] = [];
  #ended = false;

  /** @param left is called once, when the feed ends or the reader goes. */
  constructor(left: () => void) {
    this.#left = left;
  }

  push(change: Change): void {
    const reader = this.#waiting.shift();
    if (reader !== undefined) reader({ done: false, value: change });
    else if (this.#unread.push(change) > maxUnreadCount) this.#unread.shift();
  }

  /** What is unread can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#left();
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Change>> {
    const value = this.#unread.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Change>> {
    this.#unread.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
