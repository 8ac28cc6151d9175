import { randomBytes } from "node:crypto";
import { connect, type Connection } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import type { Delivery } from "@warren/message";
import { createPublisher, type Publisher } from "@warren/publisher";
import { type FaultProxy, startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readyCount, Scene } from "../../guarantees/scene.ts";
import { Seen } from "../../guarantees/seen.ts";

const broker = useBroker();
let scene: Scene;
let proxy: FaultProxy;
let direct: Connection;
let publisher: Publisher;

beforeEach(async () => {
  scene = new Scene(broker.url);
  proxy = await startFaultProxy({ target: broker });
  direct = await connect(broker.url, { topology: scene.topology });
  publisher = createPublisher(direct);
});
afterEach(async () => {
  await direct.close();
  await proxy.close();
  await scene[Symbol.asyncDispose]();
});

async function publish(messageId: string, body: Buffer): Promise<void> {
  await publisher.publish({ exchange: scene.exchange, routingKey: "order.placed", messageId, body });
}

/** The deliveries that a handler gets by way of the proxy. */
async function consuming(connection: Connection, prefetch: number): Promise<Seen<Delivery>> {
  const seen = new Seen<Delivery>();
  const consumer = createConsumer(connection, {
    queue: scene.queue,
    prefetch,
    handlers: [onAny((delivery) => seen.add(delivery))],
  });
  await consumer.start();
  return seen;
}

test("[N3] a connection that is cut anywhere in a delivery gives the handler the whole body once, when it comes again", async () => {
  await using connection = await connect(proxy.url(broker.url), { reconnect: { baseMs: 5, maxMs: 20 } });
  const seen = await consuming(connection, 1);
  const body = randomBytes(300_000);
  // Method, header, the first, second and third frame of the body, and its last byte but one.
  const places = [1, 8, 60, 140, 180, 5_000, 131_000, 131_300, 262_500, 299_000, 300_000];
  for (const bytes of places) {
    proxy.connections.at(-1)!.cutAfter({ bytes, direction: "toClient" });
    await publish(`cut after ${bytes}`, body);
    await seen.until((all) => all.at(-1)?.messageId === `cut after ${bytes}`);
  }
  expect(proxy.acceptedCount).toBe(1 + places.length);
  expect(seen.items.map(({ messageId }) => messageId)).toEqual(places.map((bytes) => `cut after ${bytes}`));
  expect(seen.items.every((each) => body.equals(each.body))).toBe(true);
  expect(seen.items.every(({ redelivered }) => redelivered)).toBe(true);
  await connection.close();
  expect(await readyCount(direct, scene.queue.name)).toBe(0);
});

test("[N9] deliveries are the same one byte at a time, and when hundreds of frames come at once", async () => {
  await using connection = await connect(proxy.url(broker.url));
  const seen = await consuming(connection, 300);
  const bodies = Array.from({ length: 220 }, (_, index) => randomBytes(index * 3));
  proxy.segment({ bytes: 1, direction: "toClient" });
  for (const [index, body] of bodies.slice(0, 20).entries()) await publish(`${index}`, body);
  await seen.until(20);
  await proxy.heal();
  const [consume] = proxy.connections;
  consume!.blackHole("toClient");
  for (const [index, body] of bodies.slice(20).entries()) await publish(`${20 + index}`, body);
  const expectedBytes = bodies.slice(20).reduce((sum, { length }) => sum + length, 0);
  await expect.poll(() => consume!.heldBytes("toClient")).toBeGreaterThan(expectedBytes);
  consume!.resume("toClient");
  await seen.until(bodies.length);
  expect(seen.items.map(({ messageId }) => messageId)).toEqual(bodies.map((_, index) => `${index}`));
  expect(seen.items.filter(({ body }, index) => !bodies[index]!.equals(body))).toEqual([]);
  expect(proxy.acceptedCount).toBe(1);
});
