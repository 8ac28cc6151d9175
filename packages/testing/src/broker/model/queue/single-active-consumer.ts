import type { ConsumerLine, Member } from "./consumer-line.ts";
import type { QueueConsumer } from "./queue.ts";

/** Who becomes the active consumer, measured: classic queues, quorum queues of 3.10, quorum queues of 4.0. */
export interface TakeoverRules {
  /** Whether the highest `x-priority` follows, and not the one that waits longest. */
  readonly byPriority: boolean;
  /** Whether a newcomer of a higher priority takes over as soon as the active one holds nothing more. */
  readonly replacesLower: boolean;
  /** Whether those that wait are counted too. */
  readonly countsWaiting: boolean;
}

/** The consumers of a queue with `x-single-active-consumer`: one gets all, the others wait for its end. */
export class SingleActiveConsumer implements ConsumerLine {
  /** In the order in which they came. */
  readonly #members = new Map<QueueConsumer, Member>();
  readonly #rules: TakeoverRules;
  #active: Member | undefined;

  constructor(rules: TakeoverRules) {
    this.#rules = rules;
  }

  get count(): number {
    return this.#rules.countsWaiting ? this.#members.size : Number(this.#active !== undefined);
  }

  add(member: Member): void {
    this.#members.set(member.consumer, member);
    this.#active ??= member;
  }

  remove(consumer: QueueConsumer): Member | undefined {
    const member = this.#members.get(consumer);
    this.#members.delete(consumer);
    if (member !== undefined && member === this.#active) this.#active = this.#best();
    return member;
  }

  next(): Member | undefined {
    const active = this.#active;
    if (active === undefined) return undefined;
    if (this.#rules.replacesLower) {
      const best = this.#best();
      if (best !== undefined && best.priority > active.priority) {
        if (active.heldCount > 0) return undefined;
        this.#active = best;
        return best.consumer.hasRoom() ? best : undefined;
      }
    }
    return active.consumer.hasRoom() ? active : undefined;
  }

  delivered(): void {
    // It stays the active one.
  }

  wake(): void {
    // Who is next is looked up anew each time.
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.values();
  }

  #best(): Member | undefined {
    let best: Member | undefined;
    for (const member of this.#members.values()) {
      if (best === undefined || (this.#rules.byPriority && member.priority > best.priority)) best = member;
    }
    return best;
  }
}
