import type { MethodFields } from "../proxy/method-fields.ts";
import type { Copy } from "./copy.ts";
import type { Ending, Ledger } from "./ledger.ts";
import { tagsUpTo } from "./tags-up-to.ts";
import type { WireMessage } from "./wire-message.ts";

interface Unacked {
  readonly copy: Copy;
  /** As the consumer got it. */
  readonly message: WireMessage;
}

/** What was delivered on a channel, until its client has answered. */
export class UnackedDeliveries {
  readonly #ledger: Ledger;
  readonly #byTag = new Map<number, Unacked>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  delivered(
    { queue, noAck }: { readonly queue: string; readonly noAck: boolean },
    { deliveryTag = 0, redelivered = false }: MethodFields,
    message: WireMessage,
  ): void {
    const copy = this.#ledger.deliver(queue, message, redelivered, noAck ? undefined : this);
    if (!noAck) this.#byTag.set(deliveryTag, { copy, message });
  }

  settled({ deliveryTag = 0, multiple = false }: MethodFields, ending: Ending): void {
    for (const tag of tagsUpTo(this.#byTag, deliveryTag, multiple)) {
      const { copy, message } = this.#byTag.get(tag)!;
      this.#byTag.delete(tag);
      if (copy.holder === this) this.#ledger.settle(copy, message, ending);
    }
  }

  /** The channel is gone, or recovers: all of it goes back to its queues. */
  abandon(): void {
    const all = [...this.#byTag.values()];
    this.#byTag.clear();
    for (const { copy, message } of all) this.#ledger.abandoned(copy, message, this);
  }
}
