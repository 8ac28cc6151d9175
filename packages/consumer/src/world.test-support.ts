import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  connect,
  type Connection,
  type ConnectOptions,
  defineTopology,
  deleteTopology,
  type QueueDefinition,
  type QueueRef,
  type Topology,
  type WireChannel,
  type WireDelivery,
  type WireProperties,
} from "@warren/connection";
import { defineMessage, type Message, type MessageProperties } from "@warren/message";
import { z } from "zod";
import type { Consumer } from "./consumer.ts";
import type { ConsumerState } from "./consumer-state.ts";
import { createConsumer } from "./create-consumer.ts";
import type { ConsumerOptions } from "./consumer-options.ts";

export interface Order {
  readonly id: string;
  readonly total: number;
}

export type OrderMessage = Message<"order", { id: string; total?: number }, Order>;

const orderSchema = z.object({ id: z.string(), total: z.number().default(0) });

type WorldOptions = Omit<QueueDefinition, "bindings"> & { readonly connect?: ConnectOptions };

/** One queue with its ladder on a real broker, a Warren connection to it, and another one to look at what happens. */
export class World implements AsyncDisposable {
  readonly connection: Connection;
  readonly topology: Topology;
  readonly queue: QueueRef;
  readonly Order: OrderMessage;
  /** A channel of its own connection, for whatever the test wants to do to the broker. */
  readonly plain: WireChannel;
  readonly #observer: Connection;
  readonly #publishes: ReturnType<Connection["channels"]["confirm"]>;
  readonly #consumers: Consumer[] = [];

  constructor(connection: Connection, observer: Connection, topology: Topology, plain: WireChannel) {
    this.connection = connection;
    this.topology = topology;
    this.queue = Object.values(topology.queues)[0]!;
    this.plain = plain;
    this.#observer = observer;
    this.#publishes = observer.channels.confirm();
    this.Order = orderMessage(this.exchange);
  }

  get exchange(): string {
    return Object.keys(this.topology.exchanges)[0]!;
  }

  get dead(): string {
    return `${this.queue.name}.dead`;
  }

  consumer(
    options: Omit<ConsumerOptions, "queue"> & { readonly queue?: ConsumerOptions["queue"] },
  ): Consumer {
    const consumer = createConsumer(this.connection, { queue: this.queue, ...options });
    this.#consumers.push(consumer);
    return consumer;
  }

  async started(options: Parameters<World["consumer"]>[0]): Promise<Consumer> {
    const consumer = this.consumer(options);
    await consumer.start();
    return consumer;
  }

  /** Publishes an order, confirmed. */
  async order(id: string, properties: MessageProperties = {}): Promise<void> {
    await this.publish(Buffer.from(JSON.stringify({ id, total: 1 })), {
      type: "order",
      contentType: "application/json",
      messageId: id,
      ...properties,
    });
  }

  async publish(
    body: Uint8Array,
    properties: MessageProperties,
    routingKey: string = "order.x",
  ): Promise<void> {
    const { status } = await this.#publishes.publish({
      ...properties,
      exchange: this.exchange,
      routingKey,
      body,
    });
    if (status !== "confirmed") throw new Error(`the test's own publish was ${status}`);
  }

  /** Publishes what no decent publisher would, straight to the queue. */
  async publishWire(body: Buffer, properties: WireProperties): Promise<void> {
    this.plain.publish({ exchange: "", routingKey: this.queue.name, mandatory: true }, properties, body);
    await this.plain.checkQueue(this.queue.name);
  }

  /** The next messages of a queue, acknowledged. */
  async take(count: number, queue: string = this.dead): Promise<WireDelivery[]> {
    const taken: WireDelivery[] = [];
    const consumerTag = `take-${randomBytes(4).toString("hex")}`;
    await new Promise<void>((resolve, reject) => {
      const take = (message: WireDelivery | undefined): void => {
        if (message === undefined || taken.length === count) return;
        taken.push(message);
        this.plain.ack(message.fields.deliveryTag, false);
        if (taken.length === count) resolve();
      };
      this.plain.consume(queue, { consumerTag }, take).catch(reject);
    });
    await this.plain.cancel(consumerTag);
    return taken;
  }

  /** How many are ready in a queue. */
  async ready(queue: string = this.queue.name): Promise<number> {
    return (await this.plain.checkQueue(queue)).messageCount;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop({ timeoutMs: 2_000 })));
    await this.connection.close({ timeoutMs: 2_000 });
    await deleteTopology(this.#observer, this.topology);
    await this.#observer.close({ timeoutMs: 2_000 });
  }
}

/** @param warrenUrl where Warren's own connection goes, for example to a fault proxy. */
export async function createWorld(
  url: string,
  { connect: options, ...queue }: WorldOptions = {},
  warrenUrl: string = url,
): Promise<World> {
  const name = `consumer-${randomBytes(6).toString("hex")}`;
  const definition: QueueDefinition = {
    retry: { delaysMs: [50, 100] },
    bindings: [{ exchange: name, routingKey: "order.*" }],
    ...queue,
  };
  const topology: Topology = defineTopology({
    exchanges: { [name]: { type: "topic" } },
    queues: { [name]: definition },
  });
  const connection: Connection = await connect(warrenUrl, {
    topology,
    reconnect: { baseMs: 20, maxMs: 200 },
    ...options,
  });
  const observer: Connection = await connect(url);
  return new World(connection, observer, topology, await heldChannel(observer));
}

/** A channel for as long as its connection lives. */
function heldChannel(connection: Connection): Promise<WireChannel> {
  return new Promise((resolve, reject) => {
    connection.channels
      .withChannel((channel) => {
        resolve(channel);
        return new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}

export function orderMessage(exchange: string): OrderMessage {
  return defineMessage({
    type: "order",
    exchange,
    routingKey: "order.{id}",
    schema: orderSchema,
  }) as OrderMessage;
}

/** A list that tells when it is long enough. */
export class Seen<T> {
  readonly items: T[] = [];
  #waiting: (() => void)[] = [];

  add(item: T): number {
    const count = this.items.push(item);
    for (const wake of this.#waiting.splice(0)) wake();
    return count;
  }

  async until(wanted: number | ((items: readonly T[]) => boolean)): Promise<readonly T[]> {
    const isSo = typeof wanted === "number" ? () => this.items.length >= wanted : () => wanted(this.items);
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.items;
  }
}

/** Something that a test lets happen. */
export class Gate {
  readonly opened: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

/** Resolves with the next change to that state, or at once when it is already so. */
export async function becomes(consumer: Consumer, kind: ConsumerState["kind"]): Promise<void> {
  if (consumer.state.kind === kind) return;
  for await (const change of consumer.status()) if (change.to === kind) return;
  throw new Error(`the consumer was stopped before it was ${kind}`);
}

/** Everything that is published on a diagnostics channel while the value is in scope. */
export function recorded<Event>(channel: { readonly name: string | symbol }): Seen<Event> & Disposable {
  const seen = new Seen<Event>();
  const record = (event: unknown): void => void seen.add(event as Event);
  subscribe(channel.name, record);
  return Object.assign(seen, { [Symbol.dispose]: () => void unsubscribe(channel.name, record) });
}
