import type { Member } from "./consumer-line.ts";

/** Who holds messages of a queue and is served no more: cancelled consumers, and each `basic.get`. */
export class OtherHolders {
  readonly #cancelled = new Set<Member>();
  #getCount = 0;

  get count(): number {
    return this.#cancelled.size + this.#getCount;
  }

  cancelled(member: Member): void {
    if (member.heldCount > 0) this.#cancelled.add(member);
  }

  got(): void {
    this.#getCount++;
  }

  /** Of something that one of them holds, or a consumer. @param member undefined for a `basic.get` */
  settled(member: Member | undefined): void {
    if (member === undefined) this.#getCount--;
    else if (member.heldCount === 0) this.#cancelled.delete(member);
  }
}
