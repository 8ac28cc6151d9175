import { describe, expect, test } from "vitest";
import { type QueueStage, stageQueue } from "./queue.test-support.ts";

/** Does something every 60 ms to a queue that expires after 100 ms without use. */
function removalsWhile(use: (stage: QueueStage) => void, kind = "classic"): number {
  const stage = stageQueue({ "x-queue-type": kind, "x-expires": 100 });
  for (let i = 0; i < 5 && stage.removals() === 0; i++) {
    stage.clock.advance(60);
    use(stage);
  }
  return stage.removals();
}

describe("a queue with x-expires", () => {
  test("asks to be removed once it was unused for that long", () => {
    const { clock, removals } = stageQueue({ "x-expires": 100 });
    clock.advance(99);
    expect(removals()).toBe(0);
    clock.advance(1);
    expect(removals()).toBe(1);
  });

  test("is used by a get, also of nothing, and by a declare", () => {
    expect(removalsWhile(({ queue }) => queue.get(true))).toBe(0);
    expect(removalsWhile(({ queue }) => queue.touch())).toBe(0);
  });

  test("is not used by a publish, a purge or a message that somebody holds", () => {
    expect(removalsWhile(({ publish }) => publish("a"))).toBe(1);
    expect(removalsWhile(({ queue }) => queue.purge())).toBe(1);
    const { queue, clock, publish, removals } = stageQueue({ "x-expires": 100 });
    publish("a");
    queue.get(false);
    clock.advance(100);
    expect(removals()).toBe(1);
  });

  test("of kind quorum is used by a message that somebody holds", () => {
    const { queue, clock, publish, removals } = stageQueue({
      "x-queue-type": "quorum",
      "x-expires": 100,
    });
    publish("a");
    const held = queue.get(false)!;
    clock.advance(1000);
    expect(removals()).toBe(0);
    queue.settle([held], "ack");
    clock.advance(100);
    expect(removals()).toBe(1);
  });

  test("lives while it has a consumer, and as long again after the last one", () => {
    const { queue, clock, consume, removals } = stageQueue({ "x-expires": 100 });
    const consumer = consume();
    clock.advance(1000);
    queue.cancel(consumer);
    clock.advance(99);
    expect(removals()).toBe(0);
    clock.advance(1);
    expect(removals()).toBe(1);
  });
});
