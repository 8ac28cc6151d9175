import type { WireMessage } from "./wire-message.ts";

/** One copy of a message, in one queue at a time: a publish through a fanout exchange makes several. */
export interface Copy {
  readonly message: WireMessage;
  /** Undefined while nobody knows: the exchange was declared elsewhere. */
  queue: string | undefined;
  /** The channel whose consumer has it unacked; undefined while it is ready in its queue. */
  holder: object | undefined;
  /** How often it came back, as quorum queues count. */
  returnCount: number;
  /** It was published on to a wait queue or a dead-letter queue: its ack says nothing more. */
  moved: boolean;
}

/** All copies that have not come to their end. */
export class Copies implements Iterable<Copy> {
  readonly #byIdentity = new Map<string, Set<Copy>>();

  *[Symbol.iterator](): Iterator<Copy> {
    for (const copies of this.#byIdentity.values()) yield* copies;
  }

  add(identity: string, copy: Copy): Copy {
    const copies = this.#byIdentity.get(identity);
    if (copies === undefined) this.#byIdentity.set(identity, new Set([copy]));
    else copies.add(copy);
    return copy;
  }

  remove(identity: string, copy: Copy): void {
    const copies = this.#byIdentity.get(identity);
    copies?.delete(copy);
    if (copies?.size === 0) this.#byIdentity.delete(identity);
  }

  find(identity: string, fits: (copy: Copy) => boolean): Copy | undefined {
    for (const copy of this.#byIdentity.get(identity) ?? []) if (fits(copy)) return copy;
    return undefined;
  }

  clear(): void {
    this.#byIdentity.clear();
  }
}
