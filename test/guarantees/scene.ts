import { randomBytes } from "node:crypto";
import { connect, type Connection, defineTopology, deleteTopology, type QueueRef } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { defineMessage, type Delivery } from "@warren/message";
import { z } from "zod";
import { Seen } from "./seen.ts";

const delaysMs = [50, 100];

/** The names, the topology and the message of one test: an exchange, and a queue with a short ladder bound to it. */
export class Scene {
  readonly url: string;
  readonly exchange = `guarantee-${randomBytes(6).toString("hex")}`;
  readonly topology = defineTopology({
    exchanges: { [this.exchange]: { type: "topic" } },
    queues: {
      [this.exchange]: {
        retry: { delaysMs },
        bindings: [{ exchange: this.exchange, routingKey: "order.#" }],
      },
    },
  });
  readonly Order = defineMessage({
    type: "order",
    exchange: this.exchange,
    routingKey: "order.placed",
    schema: z.object({ id: z.string() }),
  });

  constructor(url: string) {
    this.url = url;
  }

  get queue(): QueueRef {
    return this.topology.queues[this.exchange]!;
  }

  get dead(): string {
    return `${this.queue.name}.dead`;
  }

  get waitQueues(): readonly string[] {
    return delaysMs.map((ms) => `${this.queue.name}.retry.${ms}`);
  }

  /** Takes everything of this test off the broker. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using cleaner = await connect(this.url);
    await deleteTopology(cleaner, this.topology);
  }
}

/** The next so many messages of a queue, acknowledged. */
export async function take(connection: Connection, queue: string, count = 1): Promise<readonly Delivery[]> {
  const seen = new Seen<Delivery>();
  await using consumer = createConsumer(connection, {
    queue,
    prefetch: count,
    concurrency: 1,
    handlers: [onAny((delivery) => seen.add(delivery))],
  });
  await consumer.start();
  await seen.until(count);
  await consumer.stop();
  return seen.items;
}

/** How many messages are ready in a queue. */
export async function readyCount(connection: Connection, queue: string): Promise<number> {
  return connection.channels.withChannel(async (channel) => (await channel.checkQueue(queue)).messageCount);
}
