import { describe, expect, test } from "vitest";
import type { Queue, QueueDelivery } from "./queue.ts";
import { stageQueue } from "./queue.test-support.ts";

function getAll(queue: Queue, count: number): QueueDelivery[] {
  return Array.from({ length: count }, () => queue.get(false) as QueueDelivery);
}

function requeue(queue: Queue, ...deliveries: (QueueDelivery | undefined)[]): void {
  for (const delivery of deliveries) queue.settle([delivery as QueueDelivery], "nack-requeue");
}

describe("where requeued messages go", () => {
  test("a classic queue puts them back where they were, in whatever order they come", () => {
    const { queue, publish, drain } = stageQueue();
    publish("a", "b", "c", "d", "e", "f");
    const [a, , c, d, e] = getAll(queue, 5);
    requeue(queue, c, a, e, d);
    expect(drain()).toEqual(["a", "c", "d", "e", "f"]);
  });

  test("a quorum queue of 4.0 returns them before all others in the order in which they came back", () => {
    const { queue, publish, drain } = stageQueue({ "x-queue-type": "quorum" }, { version: "4.0" });
    publish("a", "b", "c", "d", "e", "f");
    const [a, b, c, d] = getAll(queue, 4);
    requeue(queue, c, a);
    queue.settle([b as QueueDelivery, d as QueueDelivery], "nack-requeue");
    expect(drain()).toEqual(["c", "a", "b", "d", "e", "f"]);
  });

  test("a quorum queue of 3.10 without a limit requeues behind all others, but not at a channel's end", () => {
    const { queue, publish, drain } = stageQueue({ "x-queue-type": "quorum" });
    publish("a", "b", "c", "d");
    const [a, b, c] = getAll(queue, 3);
    requeue(queue, b);
    queue.settle([a as QueueDelivery, c as QueueDelivery], "channel-closed");
    expect(drain()).toEqual(["a", "c", "d", "b"]);
  });

  test("a quorum queue of 3.10 with a limit requeues before all others", () => {
    const { queue, publish, drain } = stageQueue({ "x-queue-type": "quorum", "x-delivery-limit": 10 });
    publish("a", "b", "c", "d");
    const [, b, c] = getAll(queue, 3);
    requeue(queue, c, b);
    expect(drain()).toEqual(["c", "b", "d"]);
  });

  test("what came back is marked redelivered, what did not is not", () => {
    const { queue, publish } = stageQueue();
    publish("a", "b");
    requeue(queue, queue.get(false));
    expect(getAll(queue, 2).map(({ redelivered }) => redelivered)).toEqual([true, false]);
  });

  test("a delivery is settled once: another settlement of it does nothing", () => {
    const { queue, publish } = stageQueue();
    publish("a");
    const delivery = queue.get(false);
    requeue(queue, delivery, delivery);
    expect([queue.readyCount, queue.unackedCount]).toEqual([1, 0]);
  });
});
