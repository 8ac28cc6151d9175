import { AmqpError } from "../amqp-error.ts";
import type { Queue, QueueDelivery } from "../model/queue/queue.ts";
import type { ChannelConsumer } from "./channel-consumer.ts";

/** A delivery that the client has not settled. */
export interface UnackedDelivery {
  readonly tag: number;
  readonly queue: Queue;
  readonly delivery: QueueDelivery;
  /** Absent where the client fetched it with `basic.get`. */
  readonly consumer?: ChannelConsumer;
  /** One more of the same delivery, written by a fault: settling it settles nothing. */
  readonly copy?: true;
}

/** What one channel holds, by delivery tag. */
export class UnackedDeliveries {
  /** In the order of the tags. */
  #byTag = new Map<number, UnackedDelivery>();

  get count(): number {
    return this.#byTag.size;
  }

  add(delivery: UnackedDelivery): void {
    this.#byTag.set(delivery.tag, delivery);
  }

  /**
   * Removes and returns the one with this tag, with `multiple` all up to it; tag 0 then means all there are.
   *
   * @throws AmqpError 406 for a tag that is not there, also with `multiple`.
   */
  take(tag: number, multiple: boolean): readonly UnackedDelivery[] {
    if (multiple && tag === 0) return this.takeAll();
    const delivery = this.#byTag.get(tag);
    if (delivery === undefined) throw new AmqpError(406, `unknown delivery tag ${tag}`);
    if (!multiple) {
      this.#byTag.delete(tag);
      return [delivery];
    }
    const taken: UnackedDelivery[] = [];
    for (const each of this.#byTag.values()) {
      if (each.tag > tag) break;
      this.#byTag.delete(each.tag);
      taken.push(each);
    }
    return taken;
  }

  takeAll(): readonly UnackedDelivery[] {
    const all = [...this.#byTag.values()];
    this.#byTag.clear();
    return all;
  }

  /** A transaction was rolled back. */
  putBack(deliveries: readonly UnackedDelivery[]): void {
    const all = [...this.#byTag.values(), ...deliveries].sort((a, b) => a.tag - b.tag);
    this.#byTag = new Map(all.map((each) => [each.tag, each]));
  }
}
