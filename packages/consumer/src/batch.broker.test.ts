import { deadLetter, diagnostics } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { onBatch } from "./handling/handler.ts";
import { createWorld, Gate, recorded, Seen } from "./world.test-support.ts";

const broker = useBroker();

describe("batches", () => {
  it("are full, or as large as they got since their first message came", async () => {
    await using world = await createWorld(broker.url);
    const batches = new Seen<readonly string[]>();
    const consumer = await world.started({
      batch: { maxSize: 3, maxWaitMs: 50 },
      concurrency: 1,
      handlers: [onBatch(world.Order, (orders) => void batches.add(orders.map(({ id }) => id)))],
    });
    await consumer.pause();
    for (const id of ["a", "b", "c", "d"]) await world.order(id);
    await consumer.resume();
    await batches.until(2);
    await consumer.idle();
    expect(batches.items).toEqual([["a", "b", "c"], ["d"]]);
    await consumer.stop();
    expect(await world.ready()).toBe(0);
  });

  it("[C37] have an outcome for each message", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<readonly string[]>();
    const consumer = await world.started({
      batch: { maxSize: 3, maxWaitMs: 1_000 },
      handlers: [
        onBatch(world.Order, (orders, deliveries) => {
          seen.add(orders.map(({ id }, index) => `${id} ${deliveries[index]!.attempt}`));
          return orders.map(({ id }) => (id === "b" ? deadLetter("not b") : undefined));
        }),
      ],
    });
    for (const id of ["a", "b", "c"]) await world.order(id);
    const [dead] = await world.take(1);
    expect(dead!.properties).toMatchObject({ messageId: "b" });
    await consumer.idle();
    expect(seen.items).toEqual([["a 1", "b 1", "c 1"]]);
  });

  it("are retried whole when the handler throws or answers for another number of messages", async () => {
    await using world = await createWorld(broker.url, { retry: false });
    const consumer = await world.started({
      batch: { maxSize: 2, maxWaitMs: 1_000 },
      concurrency: 1,
      handlers: [
        onBatch(world.Order, (orders) => {
          if (orders.some(({ id }) => id === "throw")) throw new Error("boom");
          return [undefined];
        }),
      ],
    });
    await consumer.pause();
    for (const id of ["throw", "too", "short", "list"]) await world.order(id);
    await consumer.resume();
    const dead = await world.take(4);
    const reasons = dead.map(({ properties }) => properties.headers!["x-warren-error-message"]);
    expect(new Set(reasons)).toEqual(
      new Set(["boom", "a batch handler returns nothing or one outcome for each of its 2 deliveries, not 1"]),
    );
  });

  it("[C37] that were not handled when the consumer stops go back to the queue", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<number>(), new Gate()];
    const consumer = await world.started({
      batch: { maxSize: 2, maxWaitMs: 60_000 },
      concurrency: 1,
      prefetch: 10,
      handlers: [
        onBatch(world.Order, async (orders) => {
          begun.add(orders.length);
          await gate.opened;
        }),
      ],
    });
    for (const id of ["a", "b", "c", "d", "e"]) await world.order(id);
    await begun.until(1);
    const stopped = consumer.stop();
    const back = await world.take(3, world.queue.name);
    gate.open();
    await stopped;
    expect(new Set(back.map(({ properties }) => properties.messageId))).toEqual(new Set(["c", "d", "e"]));
    expect(begun.items).toEqual([2]);
    expect(await world.ready()).toBe(0);
  });

  it("that are full when the consumer is paused wait until it is resumed", async () => {
    await using world = await createWorld(broker.url);
    using arrivals = recorded<{ queue: string }>(diagnostics.deliver);
    const [begun, gate] = [new Seen<readonly string[]>(), new Gate()];
    const consumer = await world.started({
      batch: { maxSize: 2, maxWaitMs: 60_000 },
      concurrency: 1,
      prefetch: 10,
      handlers: [
        onBatch(world.Order, async (orders) => {
          begun.add(orders.map(({ id }) => id));
          await gate.opened;
        }),
      ],
    });
    for (const id of ["a", "b", "c", "d"]) await world.order(id);
    await arrivals.until((all) => all.filter(({ queue }) => queue === world.queue.name).length === 4);
    await consumer.pause();
    using settled = recorded<{ queue: string }>(diagnostics.settle);
    gate.open();
    await settled.until((all) => all.filter(({ queue }) => queue === world.queue.name).length === 2);
    await world.ready();
    expect(begun.items).toEqual([["a", "b"]]);
    await consumer.resume();
    expect(await begun.until(2)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("are handled as many at a time as concurrency says", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<number>(), new Gate()];
    const consumer = await world.started({
      batch: { maxSize: 2, maxWaitMs: 10 },
      concurrency: 2,
      prefetch: 10,
      handlers: [
        onBatch(world.Order, async (orders) => {
          begun.add(orders.length);
          await gate.opened;
        }),
      ],
    });
    using arrivals = recorded<{ queue: string }>(diagnostics.deliver);
    for (const id of ["a", "b", "c", "d", "e", "f"]) await world.order(id);
    await arrivals.until((all) => all.filter(({ queue }) => queue === world.queue.name).length === 6);
    await begun.until(2);
    expect(consumer.heldCount).toBe(6);
    expect(begun.items).toHaveLength(2);
    consumer.concurrency = 3;
    await begun.until(3);
    gate.open();
    await consumer.idle();
    expect(begun.items.reduce((sum, count) => sum + count, 0)).toBe(6);
  });
});
