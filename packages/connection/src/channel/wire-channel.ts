import { ConnectionError } from "@warren/message";
import type { Channel, ChannelModel } from "amqplib";
import { connectionRefusal } from "./broker-refusal-of-connection.ts";
import { ChannelGuard } from "./channel-guard.ts";
import { openedInTime } from "./channel-opening.ts";
import { takeOverConfirms } from "./confirm-answers.ts";
import { CorkedWrites } from "./corked-writes.ts";
import { encodePublish, type PublishFields } from "./encode-publish.ts";
import { headerFrameProblem } from "./header-frame.ts";
import type {
  ConsumeArguments,
  QueueCount,
  WireChannelEvents,
  WireDelivery,
  WireReturn,
} from "./wire-message.ts";
import type { WireProperties } from "./wire-properties.ts";

/**
 * One AMQP channel, for as long as it lives: amqplib's channel with a deadline on every wait and Warren's errors.
 * Callbacks of this class run inside amqplib's frame loop, so none of them may throw.
 */
export class WireChannel {
  readonly #channel: Channel;
  readonly #guard: ChannelGuard;
  readonly #writes: CorkedWrites;

  private constructor(
    channel: Channel,
    guard: ChannelGuard,
    writes: CorkedWrites,
    events: WireChannelEvents,
  ) {
    this.#channel = channel;
    this.#guard = guard;
    this.#writes = writes;
    channel.on("return", (message) => events.returned?.(message as unknown as WireReturn));
  }

  /** @throws BrokerError, ConnectionError RPC_TIMEOUT or CHANNEL_LOST */
  static async open(
    model: ChannelModel,
    { confirm, rpcTimeoutMs }: { readonly confirm: boolean; readonly rpcTimeoutMs: number },
    events: WireChannelEvents,
  ): Promise<WireChannel> {
    const opening: Promise<Channel> = confirm ? model.createConfirmChannel() : model.createChannel();
    const whyConnectionEnded = connectionRefusal(model);
    const channel = await openedInTime(opening, rpcTimeoutMs, whyConnectionEnded, (answer) =>
      events.unanswered?.(answer),
    );
    const guard = new ChannelGuard(channel, rpcTimeoutMs, events, whyConnectionEnded, confirm);
    if (confirm) takeOverConfirms(channel, events);
    const writes = CorkedWrites.on(channel);
    // Closed in the same read as it was opened: that was told before anybody could listen.
    if (writes === undefined)
      throw new ConnectionError("CHANNEL_LOST", "the channel closed as soon as it was open", {
        cause: whyConnectionEnded(),
      });
    return new WireChannel(channel, guard, writes, events);
  }

  /** Whether publishes and settles still reach the broker. */
  get open(): boolean {
    return this.#guard.open;
  }

  declareQueue(
    queue: string,
    options: {
      durable: boolean;
      exclusive: boolean;
      autoDelete: boolean;
      arguments: Readonly<Record<string, unknown>>;
    },
  ): Promise<QueueCount> {
    return this.#guard.call("queue.declare", () => this.#channel.assertQueue(queue, options));
  }

  checkQueue(queue: string): Promise<QueueCount> {
    return this.#guard.call("queue.declare", () => this.#channel.checkQueue(queue));
  }

  deleteQueue(
    queue: string,
    options: { ifUnused?: boolean; ifEmpty?: boolean } = {},
  ): Promise<{ messageCount: number }> {
    return this.#guard.call("queue.delete", () => this.#channel.deleteQueue(queue, options));
  }

  purgeQueue(queue: string): Promise<{ messageCount: number }> {
    return this.#guard.call("queue.purge", () => this.#channel.purgeQueue(queue));
  }

  async bindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#guard.call("queue.bind", () => this.#channel.bindQueue(queue, exchange, routingKey, args));
  }

  async declareExchange(
    exchange: string,
    type: string,
    options: {
      durable: boolean;
      autoDelete: boolean;
      internal: boolean;
      arguments: Readonly<Record<string, unknown>>;
    },
  ): Promise<void> {
    await this.#guard.call("exchange.declare", () => this.#channel.assertExchange(exchange, type, options));
  }

  async checkExchange(exchange: string): Promise<void> {
    await this.#guard.call("exchange.declare", () => this.#channel.checkExchange(exchange));
  }

  async deleteExchange(exchange: string, options: { ifUnused?: boolean } = {}): Promise<void> {
    await this.#guard.call("exchange.delete", () => this.#channel.deleteExchange(exchange, options));
  }

  async bindExchange(
    destination: string,
    source: string,
    routingKey: string,
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#guard.call("exchange.bind", () =>
      this.#channel.bindExchange(destination, source, routingKey, args),
    );
  }

  async prefetch(count: number): Promise<void> {
    await this.#guard.call("basic.qos", () => this.#channel.prefetch(count));
  }

  /** `delivered` gets each message, and `undefined` once when the broker cancels the consumer (its queue is gone). */
  async consume(
    queue: string,
    options: ConsumeArguments,
    delivered: (delivery: WireDelivery | undefined) => void,
  ): Promise<string> {
    const { consumerTag } = await this.#guard.call("basic.consume", () =>
      this.#channel.consume(
        queue,
        (message) => delivered((message as unknown as WireDelivery | null) ?? undefined),
        options,
      ),
    );
    return consumerTag;
  }

  async cancel(consumerTag: string): Promise<void> {
    await this.#guard.call("basic.cancel", () => this.#channel.cancel(consumerTag));
  }

  /** Fire and forget, as AMQP has it; a bad tag closes the channel. Call only while {@link open}. */
  ack(deliveryTag: number, multiple: boolean): void {
    this.#channel.ack({ fields: { deliveryTag } } as never, multiple);
  }

  nack(deliveryTag: number, multiple: boolean, requeue: boolean): void {
    this.#channel.nack({ fields: { deliveryTag } } as never, multiple, requeue);
  }

  reject(deliveryTag: number, requeue: boolean): void {
    this.#channel.reject({ fields: { deliveryTag } } as never, requeue);
  }

  /**
   * Writes one publish; call only while {@link open}. Tags count from 1 on each confirm channel, one more for every
   * call that did not throw.
   *
   * @throws when it cannot be encoded; nothing was written then.
   */
  publish(fields: PublishFields, properties: WireProperties, body: Buffer): void {
    const writes = this.#writes;
    // Tables are amqplib's business; its frames take the same way.
    if (properties.headers !== undefined) {
      const problem = headerFrameProblem(properties, writes.frameMax);
      if (problem !== undefined) throw new RangeError(problem);
      (this.#channel as unknown as MessageSender).sendMessage(fields, properties, body);
    } else encodePublish(writes.channelNumber, fields, properties, body, writes.frameMax, writes.write);
  }

  /** Whether so much is written and not yet sent that it is better to wait for {@link onceDrained}. */
  get congested(): boolean {
    return this.#writes.congested;
  }

  onceDrained(drained: () => void): void {
    this.#writes.onceDrained(drained);
  }

  /** Ends by `timeoutMs` at the latest; never rejects. `closed` is not called. */
  close(timeoutMs?: number): Promise<void> {
    return this.#guard.close(timeoutMs);
  }
}

/** amqplib's own way to write a message, below its option handling: one flat set of fields and properties. */
interface MessageSender {
  sendMessage(fields: object, properties: object, body: Buffer): boolean;
}
