import { randomBytes } from "node:crypto";
import {
  connect,
  type Connection,
  type ConnectOptions,
  defineTopology,
  deleteTopology,
  type QueueDefinition,
  type QueueRef,
  type Topology,
} from "@warren/connection";
import { type Consumer, type ConsumerOptions, createConsumer, onAny } from "@warren/consumer";
import { defineMessage, type Delivery, type Message } from "@warren/message";
import { createPublisher, type Publisher } from "@warren/publisher";
import { z } from "zod";
import { Seen } from "../../guarantees/seen.ts";

export type OrderMessage = Message<"order", { id: string }, { id: string }>;

export interface SceneOptions {
  /** Beside its binding and a ladder of 50 and 100 ms. */
  readonly queue?: Omit<QueueDefinition, "bindings">;
  readonly connect?: ConnectOptions;
  /** The way of the client under test, for example through a fault proxy. */
  readonly by?: string;
}

export type Taken = Pick<Delivery, "messageId" | "headers" | "redelivered" | "body">;

/** A queue with its ladder, the client under test, and an observer whom no fault meets. */
export class ClientScene implements AsyncDisposable {
  readonly topology: Topology;
  readonly connection: Connection;
  readonly observer: Connection;
  readonly Order: OrderMessage;
  readonly #publisher: Publisher;
  readonly #consumers: Consumer[] = [];

  constructor(topology: Topology, connection: Connection, observer: Connection) {
    this.topology = topology;
    this.connection = connection;
    this.observer = observer;
    this.Order = orderOf(this.exchange);
    this.#publisher = createPublisher(observer);
  }

  get exchange(): string {
    return Object.keys(this.topology.exchanges)[0]!;
  }

  get queue(): QueueRef {
    return Object.values(this.topology.queues)[0]!;
  }

  get dead(): string {
    return `${this.queue.name}.dead`;
  }

  /** Publishes an order by way of the observer; its id is the message's id, too. */
  async order(id: string): Promise<void> {
    await this.#publisher.publish(this.Order, { id }, { messageId: id });
  }

  /** A consumer of the client under test, or of another connection; it stops with the scene. */
  async consumer(
    options: Omit<ConsumerOptions, "queue">,
    by: Connection = this.connection,
  ): Promise<Consumer> {
    const consumer = createConsumer(by, { queue: this.queue, ...options });
    this.#consumers.push(consumer);
    await consumer.start();
    return consumer;
  }

  /** The next so many messages of a queue, acknowledged. */
  async take(count: number, queue: string = this.dead): Promise<readonly Taken[]> {
    const taken = new Seen<Taken>();
    await using consumer = createConsumer(this.observer, {
      queue,
      prefetch: count,
      concurrency: 1,
      handlers: [
        onAny(({ messageId, headers, redelivered, body }) =>
          taken.add({ messageId, headers: { ...headers }, redelivered, body: Buffer.from(body) }),
        ),
      ],
    });
    await consumer.start();
    await taken.until(count);
    await consumer.stop();
    return taken.items;
  }

  /** How many messages are ready, and how many consumers there are. */
  async count(queue: string = this.queue.name): Promise<{ messageCount: number; consumerCount: number }> {
    const { messageCount, consumerCount } = await this.observer.channels.withChannel((channel) =>
      channel.checkQueue(queue),
    );
    return { messageCount, consumerCount };
  }

  /** Stops all consumers, so that what they held un-acked is ready again, and counts what is left in each queue. */
  async left(
    timeoutMs = 5_000,
  ): Promise<{ readonly work: number; readonly waiting: number; readonly dead: number }> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop({ timeoutMs })));
    const [work = 0, dead = 0, ...waiting] = await Promise.all(
      [this.queue.name, this.dead, ...this.queue.retrySteps.map(({ queue }) => queue)].map(
        async (queue) => (await this.count(queue)).messageCount,
      ),
    );
    return { work, waiting: waiting.reduce((sum, each) => sum + each, 0), dead };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop({ timeoutMs: 1_000 })));
    await this.connection.close({ timeoutMs: 1_000 });
    await deleteTopology(this.observer, this.topology);
    await this.observer.close();
  }
}

export async function createScene(url: string, options: SceneOptions = {}): Promise<ClientScene> {
  const name = `client-${randomBytes(6).toString("hex")}`;
  const queue: QueueDefinition = {
    retry: { delaysMs: [50, 100] },
    bindings: [{ exchange: name, routingKey: "order.#" }],
    ...options.queue,
  };
  const topology: Topology = defineTopology({
    exchanges: { [name]: { type: "topic" } },
    queues: { [name]: queue },
  });
  const observer = await connect(url, { topology });
  const connection: Connection = await connect(options.by ?? url, {
    topology,
    declare: "none",
    reconnect: { baseMs: 10, maxMs: 100 },
    ...options.connect,
  });
  return new ClientScene(topology, connection, observer);
}

export function orderOf(exchange: string): OrderMessage {
  return defineMessage({
    type: "order",
    exchange,
    routingKey: "order.placed",
    schema: z.object({ id: z.string() }),
  }) as OrderMessage;
}

/** What {@link ClientScene.left} counts where everything came to its end. */
export const nothingLeft = { work: 0, waiting: 0, dead: 0 } as const;
