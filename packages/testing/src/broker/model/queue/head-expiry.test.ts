import { describe, expect, test, vi } from "vitest";
import { stageQueue } from "./queue.test-support.ts";

describe.each(["classic", "quorum"])("in a %s queue", (kind) => {
  const queueType = { "x-queue-type": kind };

  test("a message lives for the shorter of its own and its queue's time", () => {
    const { queue, clock, publishWith } = stageQueue({ ...queueType, "x-message-ttl": 100 });
    publishWith({ expiration: "5000" }, "a");
    clock.advance(99);
    expect(queue.readyCount).toBe(1);
    clock.advance(1);
    expect(queue.readyCount).toBe(0);
    publishWith({ expiration: "10" }, "b");
    clock.advance(10);
    expect(queue.readyCount).toBe(0);
  });

  test("a short-lived message waits behind one that lives longer", () => {
    const { queue, clock, publishWith } = stageQueue(queueType);
    publishWith({ expiration: "400" }, "a");
    publishWith({ expiration: "10" }, "b");
    clock.advance(100);
    expect(queue.readyCount).toBe(2);
    expect(queue.get(true)?.message.body.toString()).toBe("a");
    expect(queue.readyCount).toBe(0);
  });

  test("an expiration of 0 reaches an idle consumer and nobody else", () => {
    const { queue, consume, publishWith } = stageQueue(queueType);
    publishWith({ expiration: "0" }, "nobody");
    expect(queue.readyCount).toBe(0);
    const consumer = consume({ prefetchCount: 1 });
    publishWith({ expiration: "0" }, "idle", "busy");
    consumer.settle(queue, "ack");
    expect(consumer.got).toEqual(["idle"]);
  });

  test("what came back too late expires at once", () => {
    const { queue, clock, publish, letters } = stageQueue({
      ...queueType,
      "x-message-ttl": 60,
      "x-dead-letter-exchange": "dlx",
    });
    publish("a");
    const held = queue.get(false)!;
    clock.advance(120);
    expect(letters).toHaveLength(0);
    queue.settle([held], "nack-requeue");
    expect([queue.readyCount, letters.length]).toEqual([0, 1]);
  });
});

test("a queue waits for its head alone, however many messages have a time", () => {
  const { clock, publishWith } = stageQueue();
  const schedule = vi.spyOn(clock, "schedule");
  for (let i = 0; i < 100; i++) publishWith({ expiration: "1000" }, "x");
  expect([schedule.mock.calls.length, clock.waitingCount]).toEqual([1, 1]);
  clock.advance(1000);
  expect(clock.waitingCount).toBe(0);
});

test("a head that came back earlier than another one's time is waited for", () => {
  const { queue, clock, publishWith } = stageQueue();
  publishWith({ expiration: "50" }, "a");
  publishWith({ expiration: "500" }, "b");
  const a = queue.get(false)!;
  clock.advance(10);
  queue.settle([a], "nack-requeue");
  clock.advance(40);
  expect(queue.readyCount).toBe(1);
});

test("a queue that is gone waits for nothing", () => {
  const { queue, clock, publishWith } = stageQueue({ "x-expires": 1000 });
  publishWith({ expiration: "50" }, "a");
  queue.destroy();
  expect(clock.waitingCount).toBe(0);
});
