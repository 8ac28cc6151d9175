import type { Member } from "./consumer-line.ts";

/** In whose hands the unsettled messages of a queue are. */
export class Holders {
  #messageCount = 0;
  #getCount = 0;
  readonly #cancelled = new Set<Member>();

  get messageCount(): number {
    return this.#messageCount;
  }

  /** Those that are served no more: cancelled consumers, and each `basic.get`. */
  get unservedCount(): number {
    return this.#cancelled.size + this.#getCount;
  }

  /** @param member undefined for a `basic.get` */
  took(member: Member | undefined): void {
    this.#messageCount++;
    if (member === undefined) this.#getCount++;
    else member.heldCount++;
  }

  settled(member: Member | undefined): void {
    this.#messageCount--;
    if (member === undefined) this.#getCount--;
    else if (--member.heldCount === 0) this.#cancelled.delete(member);
  }

  cancelled(member: Member): void {
    if (member.heldCount > 0) this.#cancelled.add(member);
  }

  clear(): void {
    this.#messageCount = 0;
    this.#getCount = 0;
    this.#cancelled.clear();
  }
}
