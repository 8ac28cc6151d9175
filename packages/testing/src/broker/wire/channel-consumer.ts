import type { FieldTable } from "../codec/field-table.ts";
import type { Queue, QueueConsumer, QueueDelivery } from "../model/queue/queue.ts";
import type { Channel } from "./channel.ts";

export interface ChannelConsumerOptions {
  readonly channel: Channel;
  readonly queue: Queue;
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly arguments: FieldTable;
}

/** A consumer of a channel, between its queue and its socket. */
export class ChannelConsumer implements QueueConsumer {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly arguments: FieldTable;
  readonly prefetchCount: number;
  readonly queue: Queue;
  readonly #channel: Channel;
  #heldCount = 0;
  #started = false;

  constructor(options: ChannelConsumerOptions) {
    this.tag = options.tag;
    this.noAck = options.noAck;
    this.exclusive = options.exclusive;
    this.arguments = options.arguments;
    this.queue = options.queue;
    this.prefetchCount = options.channel.consumerPrefetchCount;
    this.#channel = options.channel;
  }

  /** `consume-ok` is written: deliveries may follow it. */
  start(): void {
    this.#started = true;
    this.queue.wake();
  }

  hasRoom(): boolean {
    if (!this.#started || !this.#channel.canDeliver()) return false;
    if (this.noAck) return true;
    return (
      (this.prefetchCount === 0 || this.#heldCount < this.prefetchCount) && this.#channel.prefetch.hasRoom
    );
  }

  deliver(delivery: QueueDelivery): void {
    this.#channel.deliver(this, delivery);
  }

  cancelled(): void {
    this.#started = false;
    this.#channel.consumerCancelled(this);
  }

  held(): void {
    this.#heldCount += 1;
  }

  settled(): void {
    this.#heldCount -= 1;
  }
}
