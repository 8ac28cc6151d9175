import { connect, type Connection } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { diagnostics, type PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { type FaultProxy, startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readyCount, Scene } from "../../guarantees/scene.ts";
import { recorded } from "../../guarantees/seen.ts";
import { ResourceSampler } from "../checkers/resource-sampler.ts";
import { SettleOnce } from "../checkers/settle-once.ts";
import { TotalQueue } from "../checkers/total-queue.ts";

const broker = useBroker();
const heartbeatSeconds = 1;
let scene: Scene;
let proxy: FaultProxy;
let connection: Connection;

beforeEach(async () => {
  scene = new Scene(broker.url);
  proxy = await startFaultProxy({ target: broker });
  connection = await connect(proxy.url(broker.url), { topology: scene.topology, heartbeatSeconds });
});
afterEach(async () => {
  await proxy.heal();
  await connection.close();
  await proxy.close();
  await scene[Symbol.asyncDispose]();
});

test("[N8] over a link of 10 KB/s everything arrives, heartbeats get through, and what waits is bounded", async () => {
  const [window, waiting, padding] = [5, 25, "x".repeat(800)];
  await using publisher = createPublisher(connection, { maxInFlight: window, maxWaiting: waiting });
  const ledger = new TotalQueue();
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    prefetch: 5,
    handlers: [on(scene.Order, ({ id }) => ledger.end(id))],
  });
  await consumer.start();
  await publisher.publish(scene.Order, { id: "opens the channel" });
  ledger.attempt("opens the channel");
  using states = recorded<{ to: string }>(diagnostics.connectionState);
  using sampler = new ResourceSampler();
  proxy.throttle({ bytesPerSecond: 10_000 });
  let refusedCount = 0;
  const publishes = Array.from({ length: 200 }, async (_, index) => {
    const id = `${padding}${index}`;
    ledger.attempt(id);
    try {
      await publisher.publish(scene.Order, { id });
      ledger.confirm(id);
    } catch (error) {
      expect(error as PublishError).toMatchObject({ code: "PUBLISH_BUFFER_FULL", outcome: { stored: "no" } });
      ledger.refuse(id);
      refusedCount++;
    }
  });
  await Promise.all(publishes);
  expect(refusedCount).toBe(200 - window - waiting);
  await ledger.ended(1 + window + waiting);
  await consumer.idle();
  expect(await readyCount(connection, scene.queue.name)).toBe(0);
  ledger.drained();
  expect(ledger.problems()).toEqual([]);
  expect(states.items).toEqual([]);
  expect(sampler.problems({ bufferBytes: 8_000_000 })).toEqual([]);
});

test("[N10] with 300 ms of latency and jitter a window is in flight at once, and nothing is sent twice or times out", async () => {
  await using publisher = createPublisher(connection, { maxInFlight: 100 });
  await publisher.publish(scene.Order, { id: "opens the channel" });
  using states = recorded<{ to: string }>(diagnostics.connectionState);
  const roundTripMs = 300;
  proxy.delay({ delayMs: roundTripMs / 2, jitterMs: 50 });
  const settles = new SettleOnce();
  const startedAt = performance.now();
  const confirmations = await Promise.all(
    Array.from({ length: 500 }, (_, id) =>
      settles.watch(`${id}`, publisher.publish(scene.Order, { id: `${id}` })),
    ),
  );
  const elapsedMs = performance.now() - startedAt;
  expect(await settles.problems(0)).toEqual([]);
  expect(confirmations.every(({ attempts }) => attempts === 1)).toBe(true);
  // Five windows are five round trips; one by one it would be 500.
  expect(elapsedMs).toBeGreaterThan(4 * roundTripMs);
  expect(elapsedMs).toBeLessThan(50 * roundTripMs);
  expect(states.items).toEqual([]);
});

test("[B37] confirms that take longer than a heartbeat time nothing out, and the window hides them", async () => {
  await using publisher = createPublisher(connection, { maxInFlight: 100 });
  await publisher.publish(scene.Order, { id: "opens the channel" });
  using states = recorded<{ to: string }>(diagnostics.connectionState);
  const confirmMs = 1_200;
  proxy.delay({ delayMs: confirmMs, direction: "toClient" });
  const startedAt = performance.now();
  const confirmations = await Promise.all(
    Array.from({ length: 200 }, (_, id) => publisher.publish(scene.Order, { id: `${id}` })),
  );
  expect(confirmations.every(({ attempts }) => attempts === 1)).toBe(true);
  expect(performance.now() - startedAt).toBeGreaterThan(2 * confirmMs);
  expect(performance.now() - startedAt).toBeLessThan(20 * confirmMs);
  expect(states.items).toEqual([]);
});
