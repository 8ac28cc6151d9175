import type { MethodFields } from "../proxy/method-fields.ts";
import type { Ledger, Publication } from "./ledger.ts";
import { tagsUpTo } from "./tags-up-to.ts";
import type { WireMessage } from "./wire-message.ts";

/** What was published on a channel, until the broker has answered. */
export class UnconfirmedPublishes {
  readonly #ledger: Ledger;
  /** By the delivery tag of the confirm. */
  readonly #byTag = new Map<number, Publication>();
  #confirms = false;
  #lastTag = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** `confirm.select`: publishes are numbered from here on. Without, they are taken for stored once they were sent. */
  select(): void {
    this.#confirms = true;
  }

  published(message: WireMessage): void {
    const publication = this.#ledger.publish(message);
    if (this.#confirms) this.#byTag.set(++this.#lastTag, publication);
    else this.#ledger.confirmed(publication);
  }

  /** A return names no publish: it is the oldest of this content, and comes before its confirm. */
  returned(message: WireMessage, replyText: string): void {
    for (const [tag, publication] of this.#byTag) {
      if (!isSame(publication.message, message)) continue;
      this.#byTag.delete(tag);
      return this.#ledger.withdrawn(publication, "returned", replyText);
    }
  }

  answered({ deliveryTag = 0, multiple = false }: MethodFields, isAck: boolean): void {
    for (const tag of tagsUpTo(this.#byTag, deliveryTag, multiple)) {
      const publication = this.#byTag.get(tag)!;
      this.#byTag.delete(tag);
      if (isAck) this.#ledger.confirmed(publication);
      else this.#ledger.withdrawn(publication, "refused", "the broker answered with a nack");
    }
  }

  /** Nobody will answer any more. */
  end(): void {
    for (const publication of this.#byTag.values()) this.#ledger.unknown(publication);
    this.#byTag.clear();
  }
}

function isSame(one: WireMessage, other: WireMessage): boolean {
  return (
    one.exchange === other.exchange &&
    one.routingKey === other.routingKey &&
    one.properties.messageId === other.properties.messageId &&
    one.body.equals(other.body)
  );
}
