import { randomBytes } from "node:crypto";
import { connect, type Connection } from "@warren/connection";
import type { PublishError } from "@warren/message";
import { type FaultProxy, startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPublisher } from "../publisher.ts";
import { drain, runLedger } from "./fault-run.test-support.ts";

const broker = useBroker();
const reconnect = { baseMs: 5, maxMs: 50 };
let proxy: FaultProxy;
let direct: Connection;
let connection: Connection;
let queue: string;

beforeEach(async () => {
  proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port || 5672) } });
  direct = await connect(broker.url);
  connection = await connect(proxy.url(broker.url), { reconnect });
  queue = broker.name("q");
  await direct.channels.withChannel((channel) =>
    channel.declareQueue(queue, { durable: true, exclusive: false, autoDelete: false, arguments: {} }),
  );
});
afterEach(async () => {
  await proxy.heal();
  await connection.close();
  await direct.channels.withChannel((channel) => channel.deleteQueue(queue));
  await direct.close();
  await proxy.close();
});

test("[N1] resets while thousands are published lose nothing and keep first copies in order", async () => {
  const window = 200;
  let resets = 0;
  const ledger = await runLedger(connection, {
    queue,
    messages: 10_000,
    options: { maxInFlight: window },
    settled: (count) => {
      if (count % 1_500 !== 0) return;
      resets++;
      proxy.reset();
    },
  });
  expect(resets).toBe(6);
  expect(ledger).toMatchObject({ outcomes: { confirmed: 10_000 }, lost: [], unexpected: [], inversions: 0 });
  expect(ledger.replays).toBeGreaterThan(0);
  expect(ledger.replays).toBeLessThanOrEqual(resets * window);
  expect(ledger.duplicates).toBeLessThanOrEqual(ledger.replays);
});

test("[N2] a connection that is cut anywhere in a publish stores it whole or not at all, and it is confirmed in the end", async () => {
  const body = randomBytes(300_000);
  const bodies: Buffer[] = [];
  const consumer = direct.channels.consume({
    queue,
    prefetch: 0,
    noAck: true,
    delivered: ({ content }) => bodies.push(content),
  });
  await using publisher = createPublisher(connection);
  await publisher.publish({ exchange: "", routingKey: queue, body });
  const places = [1, 10, 60, 150, 4_000, 131_072, 131_200, 200_000, 299_000, 300_100, 300_240];
  for (const bytes of places) {
    const publish = proxy.connections.at(-1)!;
    publish.cutAfter({ bytes, direction: "toServer" });
    await publisher.publish({ exchange: "", routingKey: queue, body });
  }
  await publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("last") });
  while (bodies.at(-1)?.toString() !== "last") await new Promise((resolve) => setImmediate(resolve));
  await consumer.close();
  const whole = bodies.slice(0, -1);
  expect(whole.every((each) => each.equals(body))).toBe(true);
  expect(whole.length).toBeGreaterThanOrEqual(places.length + 1);
  expect(whole.length).toBeLessThanOrEqual(2 * (places.length + 1));
});

test("[N6] when only the confirms are lost the window fills, and after the reconnect duplicates are within it", async () => {
  await using publisher = createPublisher(connection, { maxInFlight: 50 });
  await publisher.publish({ exchange: "", routingKey: queue, messageId: "0", body: Buffer.from("x") });
  using frames = proxy.frames();
  proxy.blackHole("toClient");
  const outcomes = publisher.publishAll(
    Array.from({ length: 200 }, (_, at) => ({
      exchange: "",
      routingKey: queue,
      messageId: `${at + 1}`,
      body: Buffer.from("x"),
    })),
  );
  await frames.passed(50, "basic.publish", "toServer");
  await proxy.heal();
  proxy.reset();
  expect((await outcomes).every(({ status }) => status === "confirmed")).toBe(true);
  const copies = await drain(direct, queue);
  expect(new Set(copies).size).toBe(201);
  expect(copies.length - 201).toBeLessThanOrEqual(50);
});

test("[N9] one byte at a time, everything is the same", async () => {
  proxy.segment({ bytes: 1 });
  const ledger = await runLedger(connection, { queue, messages: 100, options: { maxInFlight: 20 } });
  expect(ledger).toMatchObject({ outcomes: { confirmed: 100 }, lost: [], duplicates: 0, inversions: 0 });
});

test("a confirm that does not come in time leaves the message as maybe stored, and a deadline while down as not stored", async () => {
  await using publisher = createPublisher(connection, { confirmTimeoutMs: 200 });
  await publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  proxy.blackHole("toClient");
  const late = await failure(publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") }));
  expect(late).toMatchObject({ code: "PUBLISH_TIMEOUT", outcome: { status: "timed-out", stored: "maybe" } });
  proxy.refuse();
  proxy.reset();
  await down();
  const never = await failure(
    publisher.publish(
      { exchange: "", routingKey: queue, body: Buffer.from("x") },
      { deliveryTimeoutMs: 300 },
    ),
  );
  expect(never).toMatchObject({ code: "PUBLISH_TIMEOUT", outcome: { status: "timed-out", stored: "no" } });
});

test("the clock of the confirm stands still while there is no connection", async () => {
  await using publisher = createPublisher(connection, { confirmTimeoutMs: 250 });
  await publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  proxy.refuse();
  proxy.reset();
  const startedAt = performance.now();
  const waiting = publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  setTimeout(() => void proxy.heal(), 700);
  await expect(waiting).resolves.toMatchObject({ status: "confirmed" });
  expect(performance.now() - startedAt).toBeGreaterThan(500);
});

test("without replay a publish in flight when the connection is lost is unknown", async () => {
  await using publisher = createPublisher(connection);
  await publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  using frames = proxy.frames();
  proxy.blackHole("toClient");
  const lost = failure(
    publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") }, { replay: false }),
  );
  await frames.next("basic.publish", "toServer");
  proxy.reset();
  expect(await lost).toMatchObject({
    code: "PUBLISH_UNKNOWN",
    outcome: { status: "unknown", stored: "maybe" },
  });
});

test("[C14] a flood on a slow link is held within the buffer, and memory stays bounded", async () => {
  const maxBufferBytes = 8 * 1024 * 1024;
  await using publisher = createPublisher(connection, { maxBufferBytes, maxWaiting: 100_000 });
  await publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  proxy.throttle({ bytesPerSecond: 2_000_000, direction: "toServer" });
  const before = process.memoryUsage().arrayBuffers;
  let refusedCount = 0;
  let highest = before;
  const sends: Promise<unknown>[] = [];
  for (let at = 0; at < 60_000; at++) {
    const sent = publisher
      .publish({ exchange: "", routingKey: queue, body: Buffer.alloc(1_000, at) })
      .catch((error: PublishError) => {
        if (error.code === "PUBLISH_BUFFER_FULL") refusedCount++;
      });
    if (at % 100 === 0) {
      sends.push(sent);
      await new Promise((resolve) => setImmediate(resolve));
      highest = Math.max(highest, process.memoryUsage().arrayBuffers);
    }
  }
  expect(refusedCount).toBeGreaterThan(20_000);
  expect(highest - before).toBeLessThan(maxBufferBytes * 1.5 + 64 * 1024 * 1024);
  await proxy.heal();
  await publisher.flush({ timeoutMs: 30_000 });
  await Promise.all(sends);
});

test("[C14] a large body finds no room where a small one does", async () => {
  await using publisher = createPublisher(connection, { maxBufferBytes: 1024 * 1024 });
  await publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  proxy.blackHole("toClient");
  const send = (bytes: number): Promise<unknown> =>
    publisher.publish({ exchange: "", routingKey: queue, body: Buffer.alloc(bytes) });
  const first = send(1_000);
  expect(await failure(send(2 * 1024 * 1024))).toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
  const second = send(1_000);
  await proxy.heal();
  expect(await Promise.all([first, second])).toMatchObject([
    { status: "confirmed" },
    { status: "confirmed" },
  ]);
});

/** Until the client has noticed that its connection for publishes is gone. */
async function down(): Promise<void> {
  const socket = connection.channels.socket("publish");
  await new Promise<void>((resolve) => {
    const unsubscribe = socket.onState(look);
    function look(): void {
      if (socket.state.kind !== "reconnecting") return;
      unsubscribe();
      resolve();
    }
    look();
  });
}

async function failure(publish: Promise<unknown>): Promise<unknown> {
  return publish.then(
    () => undefined,
    (error: unknown) => error,
  );
}
