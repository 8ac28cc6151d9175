import { describe, expect, test } from "vitest";
import { type QueueStage, stageQueue } from "./queue.test-support.ts";

function stage(args: Record<string, number> = {}): QueueStage {
  return stageQueue({
    "x-queue-type": "quorum",
    "x-dead-letter-exchange": "dlx",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    ...args,
  });
}

function rejectAll({ queue }: QueueStage): void {
  for (let next = queue.get(false); next !== undefined; next = queue.get(false))
    queue.settle([next], "discard");
}

const RETRY_MS = 180_000;

describe("with x-dead-letter-strategy: at-least-once", () => {
  test("a letter whose target refuses it is sent again after three minutes", () => {
    const { clock, letters, publish, ...rest } = stage();
    publish("a");
    rejectAll({ clock, letters, publish, ...rest });
    letters[0]!.settled!("refused");
    clock.advance(RETRY_MS - 1);
    expect(letters).toHaveLength(1);
    clock.advance(1);
    expect(letters).toHaveLength(2);
    letters[1]!.settled!("stored");
    clock.advance(RETRY_MS);
    expect([letters.length, clock.waitingCount]).toEqual([2, 0]);
  });

  test("32 letters that do not arrive hold up the others", () => {
    const held = stage();
    held.publish(...Array.from({ length: 40 }, String));
    rejectAll(held);
    expect(held.letters).toHaveLength(32);
    held.letters[0]!.settled!("stored");
    expect(held.letters).toHaveLength(33);
  });

  test("letters that did not arrive fill the queue, and are not seen in it", () => {
    const full = stage({ "x-max-length": 1 });
    full.publish("a", "b");
    rejectAll(full);
    expect([full.queue.readyCount, full.queue.unackedCount]).toEqual([0, 0]);
    expect(full.publish("c")).toEqual(["rejected"]);
    for (const letter of full.letters) letter.settled!("stored");
    expect(full.publish("d")).toEqual(["accepted"]);
  });

  test("a queue that is gone sends nothing again", () => {
    const gone = stage();
    gone.publish("a");
    rejectAll(gone);
    gone.letters[0]!.settled!("unroutable");
    gone.queue.destroy();
    expect([gone.letters.length, gone.clock.waitingCount]).toEqual([1, 0]);
  });
});

test("without reject-publish the strategy is at-most-once, as RabbitMQ has it", () => {
  const { queue, letters, publish } = stageQueue({
    "x-queue-type": "quorum",
    "x-dead-letter-exchange": "dlx",
    "x-dead-letter-strategy": "at-least-once",
  });
  publish("a");
  queue.settle([queue.get(false)!], "discard");
  expect(letters[0]!.settled).toBeUndefined();
});
