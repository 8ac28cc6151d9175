import { deduplicate, on, timeout } from "@warren/consumer";
import { diagnostics, type DiagnosticsEvents } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, expect, test, vi } from "vitest";
import { Gate, recorded, Seen } from "../../guarantees/seen.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();
const hourMs = 3_600_000;

afterEach(() => vi.useRealTimers());

test("[C30] a wall clock that jumps by hours, forth and back, ends no wait, makes no handler slow and forgets no message id", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const jump = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, {
    by: proxy.url(broker.url),
    connect: { heartbeatSeconds: 2 },
  });
  await using publisher = createPublisher(scene.connection);
  await publisher.publish(scene.Order, { id: "first" }, { messageId: "first" });
  using states = recorded<DiagnosticsEvents["connectionState"]>(diagnostics.connectionState);
  using slow = recorded<DiagnosticsEvents["slowHandler"]>(diagnostics.slowHandler);
  using settled = recorded<DiagnosticsEvents["settle"]>(diagnostics.settle);
  using frames = proxy.frames();
  const [begun, gate] = [new Seen<string>(), new Gate()];
  const arrivals: Date[] = [];
  const consumer = await scene.consumer({
    checkIntervalMs: 50,
    middleware: [timeout({ timeoutMs: 60_000 }), deduplicate()],
    handlers: [
      on(scene.Order, async ({ id }, { receivedAt }) => {
        arrivals.push(receivedAt);
        begun.add(id);
        await gate.opened;
      }),
    ],
  });
  await begun.until(1);
  // From here on a publish is in flight, a handler is at work, and every timer of the connections goes round.
  const publishing = proxy.connections.find(({ id }) => id === 2)!;
  for (const ms of [hourMs, -2 * hourMs]) {
    publishing.blackHole("toClient");
    const confirmed = publisher.publish(scene.Order, { id: `at ${ms}` }, { messageId: `at ${ms}` });
    await frames.next("basic.publish", "toServer");
    jump(ms);
    await frames.next(({ type }) => type === "heartbeat", "toServer");
    publishing.resume("toClient");
    expect(await confirmed).toMatchObject({ attempts: 1 });
  }
  gate.open();
  await begun.until(3);
  await consumer.idle();
  jump(2 * hourMs);
  await publisher.publish(scene.Order, { id: "again" }, { messageId: "first" });
  await consumer.idle();
  expect(await scene.left()).toEqual(nothingLeft);
  expect(begun.items.toSorted()).toEqual(["at -7200000", "at 3600000", "first"]);
  expect(states.items.filter(({ to }) => to !== "open")).toEqual([]);
  expect(slow.items).toEqual([]);
  const ours = settled.items.filter(({ queue }) => queue === scene.queue.name);
  expect(ours.map(({ acknowledgement }) => acknowledgement.action)).toEqual(["ack", "ack", "ack", "ack"]);
  for (const { durationMs } of ours) {
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(durationMs).toBeLessThan(60_000);
  }
});
