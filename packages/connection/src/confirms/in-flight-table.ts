import type { WireReturn } from "../channel/wire-message.ts";
import type { Outgoing } from "./outgoing.ts";

/**
 * What is written to one channel and not yet answered, by delivery tag. Tags count up by one from 1, so a ring holds
 * them: one slot a tag from the oldest unanswered to the newest.
 */
export class InFlightTable {
  #ring: (Outgoing | undefined)[] = Array.from({ length: 64 });
  #oldest = 1;
  #next = 1;
  #count = 0;
  readonly #forgotten = new Set<number>();

  /** How many are unanswered. */
  get count(): number {
    return this.#count;
  }

  /** How many were removed and are still unanswered: the broker may yet say something about them. */
  get forgottenCount(): number {
    return this.#forgotten.size;
  }

  /** Gives it the next tag of the channel. */
  add(outgoing: Outgoing): void {
    if (this.#next - this.#oldest === this.#ring.length) this.#grow();
    outgoing.tag = this.#next;
    this.#ring[this.#next & (this.#ring.length - 1)] = outgoing;
    this.#next++;
    this.#count++;
  }

  /**
   * Takes out what a confirm answers, oldest first: one tag, or every tag up to it (0: every tag). Tags that are not
   * there, because they timed out meanwhile, are passed over.
   */
  take(tag: number, multiple: boolean, each: (outgoing: Outgoing) => void): void {
    const last = tag === 0 ? this.#next - 1 : Math.min(tag, this.#next - 1);
    for (let at = multiple ? this.#oldest : Math.max(tag, this.#oldest); at <= last; at++) {
      const outgoing = this.#clear(at);
      if (outgoing !== undefined) each(outgoing);
    }
    this.#advance();
    if (this.#forgotten.size > 0) this.#answerForgotten(tag, last, multiple);
  }

  /** Forgets one whose answer is not waited for any more. */
  remove(outgoing: Outgoing): void {
    const { tag } = outgoing;
    // Its tag may be another's by now, on the next channel.
    if (this.#ring[tag & (this.#ring.length - 1)] !== outgoing) return;
    this.#clear(tag);
    this.#forgotten.add(tag);
    this.#advance();
  }

  /**
   * Joins a return to its publish. Returns come in the order of the publishes, each before its own ack, so it is the
   * oldest one like it that has none yet; the message id alone would not tell, since applications repeat ids.
   */
  markReturned({ fields, properties }: WireReturn): void {
    const { exchange, routingKey, replyCode, replyText } = fields;
    for (const outgoing of this) {
      if (
        outgoing.returned === undefined &&
        outgoing.properties.messageId === properties.messageId &&
        outgoing.fields.routingKey === routingKey &&
        outgoing.fields.exchange === exchange
      ) {
        outgoing.returned = { replyCode, replyText };
        return;
      }
    }
  }

  /** In the order in which they were written. */
  *[Symbol.iterator](): Iterator<Outgoing> {
    for (let at = this.#oldest; at < this.#next; at++) {
      const outgoing = this.#ring[at & (this.#ring.length - 1)];
      if (outgoing !== undefined) yield outgoing;
    }
  }

  /** Takes out everything, in the order in which it was written, and starts again with tag 1 for the next channel. */
  drain(): readonly Outgoing[] {
    const all = [...this];
    this.#ring = Array.from({ length: 64 });
    this.#oldest = 1;
    this.#next = 1;
    this.#count = 0;
    this.#forgotten.clear();
    return all;
  }

  #answerForgotten(tag: number, last: number, multiple: boolean): void {
    if (!multiple) this.#forgotten.delete(tag);
    else for (const each of this.#forgotten) if (each <= last) this.#forgotten.delete(each);
  }

  #clear(tag: number): Outgoing | undefined {
    const slot = tag & (this.#ring.length - 1);
    const outgoing = this.#ring[slot];
    if (outgoing?.tag !== tag) return undefined;
    this.#ring[slot] = undefined;
    this.#count--;
    return outgoing;
  }

  #advance(): void {
    const mask = this.#ring.length - 1;
    while (this.#oldest < this.#next && this.#ring[this.#oldest & mask] === undefined) this.#oldest++;
  }

  #grow(): void {
    const ring: (Outgoing | undefined)[] = Array.from({ length: this.#ring.length * 2 });
    for (const outgoing of this) ring[outgoing.tag & (ring.length - 1)] = outgoing;
    this.#ring = ring;
  }
}
