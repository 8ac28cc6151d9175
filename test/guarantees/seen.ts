import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** A list that tells when it holds what is waited for. */
export class Seen<T> {
  readonly items: T[] = [];
  readonly #waiting = new Set<() => void>();

  add(item: T): void {
    this.items.push(item);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves when there are so many, or when they are as wanted. */
  async until(wanted: number | ((items: readonly T[]) => boolean)): Promise<readonly T[]> {
    const isSo = typeof wanted === "number" ? () => this.items.length >= wanted : () => wanted(this.items);
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    return this.items;
  }
}

/** Everything that is published on a diagnostics channel while the value is in scope. */
export function recorded<Event>(channel: { readonly name: string | symbol }): Seen<Event> & Disposable {
  const seen = new Seen<Event>();
  const record = (event: unknown): void => seen.add(event as Event);
  subscribe(channel.name, record);
  return Object.assign(seen, { [Symbol.dispose]: () => void unsubscribe(channel.name, record) });
}

/** Something that a test lets happen. */
export class Gate {
  readonly opened: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}
