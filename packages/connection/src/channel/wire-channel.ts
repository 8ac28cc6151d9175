import { BrokerError, ConnectionError, type WarrenError } from "@warren/message";
import type { Channel, ChannelModel } from "amqplib";
import { toWarrenError } from "./broker-refusal.ts";
import { connectionRefusal } from "./broker-refusal-of-connection.ts";
import { CorkedWrites } from "./corked-writes.ts";
import { withDeadline } from "./deadline.ts";
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
  readonly #rpcTimeoutMs: number;
  readonly #events: WireChannelEvents;
  readonly #writes: CorkedWrites | undefined;
  #closed: WarrenError | undefined;
  #connectionRefusal: () => WarrenError | undefined = () => undefined;

  private constructor(channel: Channel, rpcTimeoutMs: number, events: WireChannelEvents) {
    this.#channel = channel;
    this.#rpcTimeoutMs = rpcTimeoutMs;
    this.#events = events;
    this.#writes = CorkedWrites.on(channel);
    let cause: unknown;
    channel.on("error", (error: unknown) => (cause = error));
    channel.on("close", () =>
      this.#lose(cause === undefined ? (this.#connectionRefusal() ?? lost()) : toWarrenError(cause)),
    );
    channel.on("return", (message) => events.returned?.(message as unknown as WireReturn));
    // Without this listener amqplib lets what a listener throws end the whole connection.
    channel.on("handler-error", (error: unknown) => this.#abandon(toWarrenError(error)));
  }

  /** @throws BrokerError, ConnectionError RPC_TIMEOUT or CHANNEL_LOST */
  static async open(
    model: ChannelModel,
    options: { readonly confirm: boolean; readonly rpcTimeoutMs: number },
    events: WireChannelEvents,
  ): Promise<WireChannel> {
    const opening: Promise<Channel> = options.confirm ? model.createConfirmChannel() : model.createChannel();
    let channel: Channel;
    try {
      channel = await withDeadline(opening, options.rpcTimeoutMs, "channel.open");
    } catch (thrown) {
      const error = toWarrenError(thrown);
      const answer = opening.then(discard);
      answer.catch(() => undefined);
      if (error.code === "RPC_TIMEOUT") events.unanswered?.(answer);
      throw error;
    }
    const wire = new WireChannel(channel, options.rpcTimeoutMs, events);
    if (options.confirm) wire.#takeOverConfirms(events);
    return wire;
  }

  /** Whether publishes and settles still reach the broker. */
  get open(): boolean {
    return this.#closed === undefined;
  }

  /** amqplib keeps a callback for every publish; the in-flight table is ours, so its own bookkeeping goes. */
  #takeOverConfirms(events: WireChannelEvents): void {
    this.#connectionRefusal = connectionRefusal(this.#channel);
    for (const name of ["ack", "nack"]) {
      this.#channel.removeAllListeners(name);
      this.#channel.on(name, (fields: { deliveryTag: number; multiple: boolean }) => {
        events.confirmed?.(fields.deliveryTag, fields.multiple, name === "ack");
      });
    }
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
    return this.#rpc("queue.declare", () => this.#channel.assertQueue(queue, options));
  }

  checkQueue(queue: string): Promise<QueueCount> {
    return this.#rpc("queue.declare", () => this.#channel.checkQueue(queue));
  }

  deleteQueue(
    queue: string,
    options: { ifUnused?: boolean; ifEmpty?: boolean } = {},
  ): Promise<{ messageCount: number }> {
    return this.#rpc("queue.delete", () => this.#channel.deleteQueue(queue, options));
  }

  purgeQueue(queue: string): Promise<{ messageCount: number }> {
    return this.#rpc("queue.purge", () => this.#channel.purgeQueue(queue));
  }

  async bindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#rpc("queue.bind", () => this.#channel.bindQueue(queue, exchange, routingKey, args));
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
    await this.#rpc("exchange.declare", () => this.#channel.assertExchange(exchange, type, options));
  }

  async checkExchange(exchange: string): Promise<void> {
    await this.#rpc("exchange.declare", () => this.#channel.checkExchange(exchange));
  }

  async deleteExchange(exchange: string, options: { ifUnused?: boolean } = {}): Promise<void> {
    await this.#rpc("exchange.delete", () => this.#channel.deleteExchange(exchange, options));
  }

  async bindExchange(
    destination: string,
    source: string,
    routingKey: string,
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#rpc("exchange.bind", () => this.#channel.bindExchange(destination, source, routingKey, args));
  }

  async prefetch(count: number): Promise<void> {
    await this.#rpc("basic.qos", () => this.#channel.prefetch(count));
  }

  /** `delivered` gets each message, and `undefined` once when the broker cancels the consumer (its queue is gone). */
  async consume(
    queue: string,
    options: ConsumeArguments,
    delivered: (delivery: WireDelivery | undefined) => void,
  ): Promise<string> {
    const { consumerTag } = await this.#rpc("basic.consume", () =>
      this.#channel.consume(
        queue,
        (message) => delivered((message as unknown as WireDelivery | null) ?? undefined),
        options,
      ),
    );
    return consumerTag;
  }

  async cancel(consumerTag: string): Promise<void> {
    await this.#rpc("basic.cancel", () => this.#channel.cancel(consumerTag));
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
    if (writes === undefined || properties.headers !== undefined) {
      const problem = writes === undefined ? undefined : headerFrameProblem(properties, writes.frameMax);
      if (problem !== undefined) throw new RangeError(problem);
      (this.#channel as unknown as MessageSender).sendMessage(fields, properties, body);
    } else encodePublish(writes.channelNumber, fields, properties, body, writes.frameMax, writes.write);
  }

  /** Whether so much is written and not yet sent that it is better to wait for {@link onceDrained}. */
  get congested(): boolean {
    return this.#writes?.congested === true;
  }

  onceDrained(drained: () => void): void {
    this.#writes?.onceDrained(drained);
  }

  /** Ends by `timeoutMs` at the latest; never rejects. `closed` is not called. */
  async close(timeoutMs: number = this.#rpcTimeoutMs): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#closed = lost();
    await this.#closeWire(timeoutMs);
  }

  async #closeWire(timeoutMs: number): Promise<void> {
    const answer = closing(this.#channel);
    try {
      await withDeadline(answer, timeoutMs, "channel.close");
    } catch (thrown) {
      if (toWarrenError(thrown).code === "RPC_TIMEOUT") this.#events.unanswered?.(answer);
    }
  }

  #lose(error: WarrenError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    this.#events.closed(error);
  }

  /** Gives the channel up from this side. Its answers may still come, and belong to nobody. */
  #abandon(error: WarrenError): void {
    const wasOpen = this.open;
    this.#lose(error);
    if (wasOpen) void this.#closeWire(this.#rpcTimeoutMs);
  }

  #reason(): WarrenError | undefined {
    return this.#closed;
  }

  async #rpc<T>(method: string, call: () => PromiseLike<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closed;
    try {
      return await withDeadline(Promise.resolve(call()), this.#rpcTimeoutMs, method);
    } catch (thrown) {
      const error = toWarrenError(thrown);
      // A late answer would be taken for that of the next call.
      if (error.code === "RPC_TIMEOUT") this.#abandon(error);
      // The refusal of this very call says more than "the channel is gone".
      const closed = this.#reason();
      if (error.code === "CHANNEL_LOST" && closed instanceof BrokerError) throw closed;
      throw error;
    }
  }
}

/** amqplib's own way to write a message, below its option handling: one flat set of fields and properties. */
interface MessageSender {
  sendMessage(fields: object, properties: object, body: Buffer): boolean;
}

function lost(): ConnectionError {
  return new ConnectionError("CHANNEL_LOST", "the channel is closed");
}

/**
 * amqplib throws where the channel is closed already. This also ends with the connection: amqplib's own promise stays
 * pending when that is lost before the answer.
 */
async function closing(channel: Channel): Promise<void> {
  const closed = new Promise<void>((resolve) => channel.once("close", () => resolve()));
  await Promise.race([channel.close(), closed]);
}

function discard(channel: Channel): Promise<void> {
  channel.on("error", () => undefined);
  return closing(channel);
}
