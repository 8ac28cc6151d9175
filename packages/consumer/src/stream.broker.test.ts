import { randomBytes } from "node:crypto";
import { connect, defineTopology, deleteTopology } from "@warren/connection";
import { diagnostics } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { createConsumer } from "./create-consumer.ts";
import { onAny, onBatch } from "./handling/handler.ts";
import type { StreamOffset } from "./stream-offset.ts";
import { becomes, Gate, orderMessage, recorded, Seen } from "./world.test-support.ts";

const broker = useBroker();

async function stream(url = broker.url) {
  const name = `stream-${randomBytes(6).toString("hex")}`;
  const topology = defineTopology({ queues: { [name]: { type: "stream" } } });
  const connection = await connect(url, { topology, reconnect: { baseMs: 20, maxMs: 100 } });
  const observer = await connect(broker.url);
  const publishes = observer.channels.confirm();
  return {
    queue: topology.queues[name]!,
    connection,
    async publish(...texts: string[]) {
      for (const text of texts)
        await publishes.publish({
          exchange: "",
          routingKey: name,
          type: "order",
          contentType: "application/json",
          body: Buffer.from(text),
        });
    },
    async [Symbol.asyncDispose]() {
      await connection.close({ timeoutMs: 2_000 });
      await deleteTopology(observer, topology);
      await observer.close();
    },
  };
}

async function readFrom(offset: StreamOffset, until: number): Promise<readonly string[]> {
  await using world = await stream();
  await world.publish("0", "1", "2");
  const seen = new Seen<string>();
  const consumer = createConsumer(world.connection, {
    queue: world.queue,
    offset,
    concurrency: 1,
    handlers: [
      onAny(({ body, streamOffset }) => void seen.add(`${Buffer.from(body).toString()}@${streamOffset}`)),
    ],
  });
  await consumer.start();
  await world.publish("3");
  await seen.until(until);
  await consumer.stop();
  return seen.items;
}

describe("a stream", () => {
  it("is read from its first message", async () => {
    expect(await readFrom("first", 4)).toEqual(["0@0", "1@1", "2@2", "3@3"]);
  });

  it("is read from a position", async () => {
    expect(await readFrom(2, 2)).toEqual(["2@2", "3@3"]);
  });

  it("is read from what comes next", async () => {
    expect(await readFrom("next", 1)).toEqual(["3@3"]);
  });

  it("is read from its last chunk", async () => {
    const seen = await readFrom("last", 2);
    expect(seen.at(-1)).toBe("3@3");
    expect(seen).not.toContain("0@0");
  });

  it("is read from a time", async () => {
    expect(await readFrom(new Date(Date.now() - 60_000), 4)).toEqual(["0@0", "1@1", "2@2", "3@3"]);
  });

  it("is read on after a loss where the oldest unfinished message was", async () => {
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await stream(proxy.url(broker.url));
    await world.publish("0", "1", "2");
    const [seen, gate] = [new Seen<string>(), new Gate()];
    const consumer = createConsumer(world.connection, {
      queue: world.queue,
      offset: "first",
      concurrency: 1,
      prefetch: 2,
      handlers: [
        onAny(async ({ body, signal }) => {
          const text = Buffer.from(body).toString();
          if (seen.add(text) === 2) {
            gate.open();
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
          }
        }),
      ],
    });
    await consumer.start();
    await gate.opened;
    proxy.reset();
    await becomes(consumer, "recovering");
    await seen.until((all) => all.includes("2"));
    expect(seen.items).toEqual(["0", "1", "1", "2"]);
  });

  it("dead-letters nothing of a batch that no handler has seen when the consumer stops", async () => {
    await using world = await stream();
    using letters = recorded<{ readonly queue: string }>(diagnostics.deadLetter);
    using arrivals = recorded<{ readonly queue: string }>(diagnostics.deliver);
    const consumer = createConsumer(world.connection, {
      queue: world.queue,
      offset: "first",
      batch: { maxSize: 10, maxWaitMs: 60_000 },
      handlers: [onBatch(orderMessage("orders"), () => undefined)],
    });
    await consumer.start();
    await world.publish('{"id":"a"}', '{"id":"b"}');
    const ofQueue = ({ queue }: { readonly queue: string }): boolean => queue === world.queue.name;
    await arrivals.until((all) => all.filter(ofQueue).length === 2);
    await consumer.stop();
    expect(letters.items.filter(ofQueue)).toEqual([]);
  });
});
