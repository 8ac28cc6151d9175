import { encodeContentHeader } from "../codec/content-header.ts";
import { contentFrames, methodFrame } from "../codec/frames.ts";
import type { MethodArguments, MethodName } from "../codec/method-table.ts";
import { sortedByName } from "../codec/sorted-by-name.ts";
import type { QueueDelivery, Settlement } from "../model/queue/queue.ts";
import type { ChannelConsumer } from "./channel-consumer.ts";
import { ChannelPrefetch } from "./channel-prefetch.ts";
import type { ChannelControl, ConnectionControl } from "./interference.ts";
import type { PublisherConfirms } from "./publisher-confirms.ts";
import type { ReplyConsumer } from "./reply-addresses.ts";
import type { Session } from "./session.ts";
import { settlingGroups } from "./settling-groups.ts";
import type { Transaction } from "./transaction.ts";
import { UnackedDeliveries, type UnackedDelivery } from "./unacked-deliveries.ts";

/** What one open channel holds, and how it writes. What its methods do is in the files of their classes. */
export class Channel implements ChannelControl {
  readonly number: number;
  readonly session: Session;
  readonly consumers: Map<string, ChannelConsumer> = new Map();
  readonly unacked: UnackedDeliveries = new UnackedDeliveries();
  readonly prefetch: ChannelPrefetch = new ChannelPrefetch();
  /** Of consumers that begin from now on. */
  consumerPrefetchCount = 0;
  /** Set by `confirm.select`; a channel has either this or {@link transaction}. */
  confirms: PublisherConfirms | undefined;
  transaction: Transaction | undefined;
  replyConsumer: ReplyConsumer | undefined;
  /** What an empty queue name in a method means. */
  lastQueueName: string | undefined;
  hasPublished = false;
  #lastDeliveryTag = 0;
  #open = true;
  /** Consumers whose queues went while a method of this channel was at work: told after its answer. */
  #lateCancels: string[] | undefined;

  constructor(number: number, session: Session) {
    this.number = number;
    this.session = session;
  }

  /** False once either side has closed it: nothing but the close itself is said any more. */
  get isOpen(): boolean {
    return this.#open;
  }

  get connection(): ConnectionControl {
    return this.session.control;
  }

  get consumerCount(): number {
    return this.consumers.size;
  }

  get unackedCount(): number {
    return this.unacked.count;
  }

  get publishes(): boolean {
    return this.hasPublished || this.confirms !== undefined;
  }

  send<N extends MethodName>(name: N, args: MethodArguments<N>): void {
    this.session.writer.write(methodFrame(this.number, name, args));
  }

  sendContent(header: Buffer, body: Buffer): void {
    this.session.writer.writeAll(contentFrames(this.number, header, body, this.session.frameMaxBytes));
  }

  nextDeliveryTag(): number {
    return (this.#lastDeliveryTag += 1);
  }

  canDeliver(): boolean {
    return this.#open && this.session.writer.hasRoom();
  }

  deliver(consumer: ChannelConsumer, delivery: QueueDelivery): void {
    const { delivering } = this.session.broker.interference;
    const { tag: consumerTag, queue } = consumer;
    const copies = delivering?.({ channel: this, queue: queue.declaration.name, consumerTag, delivery }) ?? 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const tag = this.nextDeliveryTag();
      if (!consumer.noAck) this.#hold(tag, consumer, delivery, copy > 0);
      this.#write(consumerTag, tag, delivery);
    }
  }

  /** Ends deliveries that were taken out of {@link unacked}. */
  settle(deliveries: readonly UnackedDelivery[], how: Settlement): void {
    try {
      if (deliveries.length === 1) this.#settleGroup(deliveries, how);
      else for (const group of settlingGroups(deliveries, how)) this.#settleGroup(group, how);
    } catch (error) {
      // A stream refuses to be nacked: what no queue has heard of yet goes back with the channel.
      this.unacked.putBack(deliveries);
      throw error;
    }
    if (this.prefetch.limited) this.wakeConsumers();
  }

  wakeConsumers(): void {
    for (const queue of new Set(Array.from(this.consumers.values(), (consumer) => consumer.queue)))
      queue.wake();
  }

  /** Runs one method; what it has to say of consumers that lost their queues follows what it answers. */
  run(method: () => void): void {
    this.#lateCancels = [];
    try {
      method();
    } finally {
      const late = this.#lateCancels;
      this.#lateCancels = undefined;
      for (const tag of late) this.#tellCancelled(tag);
    }
  }

  consumerCancelled(consumer: ChannelConsumer): void {
    if (!this.#open || this.consumers.get(consumer.tag) !== consumer) return;
    this.consumers.delete(consumer.tag);
    if (this.#lateCancels === undefined) this.#tellCancelled(consumer.tag);
    else this.#lateCancels.push(consumer.tag);
  }

  close(replyCode: number, replyText: string): void {
    this.session.closeChannel(this.number, replyCode, replyText);
  }

  cancelConsumers(queueName?: string): number {
    const consumers = Array.from(this.consumers.values()).filter(
      ({ queue }) => queueName === undefined || queue.declaration.name === queueName,
    );
    for (const consumer of consumers) {
      consumer.queue.cancel(consumer);
      consumer.cancelled();
    }
    return consumers.length;
  }

  /** Nothing is delivered any more. Comes for all channels of a connection before the first is released. */
  stop(): void {
    this.#open = false;
    this.confirms?.discard();
    this.closeReplies();
  }

  closeReplies(): void {
    if (this.replyConsumer !== undefined)
      this.session.broker.replyAddresses.close(this.replyConsumer.address);
    this.replyConsumer = undefined;
  }

  /** Gives back what it holds, and only then has others take over: they get that first. Its own consumers take nothing more. */
  release(): void {
    this.transaction?.rollBack(this.unacked);
    this.settle(this.unacked.takeAll(), "channel-closed");
    for (const consumer of this.consumers.values()) {
      consumer.queue.cancel(consumer);
      // A classic queue of 3.10 has nobody take over after a basic.cancel, but after this.
      consumer.queue.wake();
    }
    this.consumers.clear();
  }

  #settleGroup(group: readonly UnackedDelivery[], how: Settlement): void {
    const held: QueueDelivery[] = [];
    for (const { consumer, delivery, copy } of group) {
      if (copy === undefined) held.push(delivery);
      if (consumer === undefined) continue;
      consumer.settled();
      this.prefetch.settled();
    }
    if (held.length > 0) group[0]!.queue.settle(held, how);
    else group[0]!.queue.wake();
  }

  #hold(tag: number, consumer: ChannelConsumer, delivery: QueueDelivery, isCopy: boolean): void {
    consumer.held();
    this.prefetch.delivered();
    const held = { tag, queue: consumer.queue, delivery, consumer };
    this.unacked.add(isCopy ? { ...held, copy: true } : held);
  }

  /** RabbitMQ, too, fails over a dead letter's routing key of more than 255 bytes; not now, while the queue is at work. */
  #write(consumerTag: string, deliveryTag: number, delivery: QueueDelivery): void {
    const { message, redelivered } = delivery;
    const { exchange, routingKey } = message;
    try {
      const header = headerOf(delivery);
      this.send("basic.deliver", { consumerTag, deliveryTag, redelivered, exchange, routingKey });
      this.sendContent(header, message.body);
    } catch {
      setImmediate(() => {
        if (this.#open) this.connection.close(541, "INTERNAL_ERROR");
      });
    }
  }

  #tellCancelled(consumerTag: string): void {
    if (this.#open && this.session.clientCapabilities.has("consumer_cancel_notify"))
      this.send("basic.cancel", { consumerTag, noWait: true });
  }
}

/** Extra headers replace those of the message, and make RabbitMQ sort them all. */
export function headerOf({ message, extraHeaders }: QueueDelivery): Buffer {
  const { properties, body, header } = message;
  if (extraHeaders !== undefined) {
    const headers = sortedByName(new Map([...(properties.headers ?? []), ...extraHeaders]));
    return encodeContentHeader(body.length, { ...properties, headers });
  }
  return header ?? encodeContentHeader(body.length, properties);
}
