import { expect, test } from "vitest";
import type { QueueDelivery } from "./queue.ts";
import { stageQueue } from "./queue.test-support.ts";

test("higher priorities leave first, and what is above the maximum counts as that", () => {
  const { publishWith, drain } = stageQueue({ "x-max-priority": 5 });
  publishWith({}, "none");
  publishWith({ priority: 5 }, "five");
  publishWith({ priority: 9 }, "nine");
  publishWith({ priority: 1 }, "one");
  expect(drain()).toEqual(["five", "nine", "one", "none"]);
});

test("what comes back takes its old place within its priority", () => {
  const { queue, publishWith, drain } = stageQueue({ "x-max-priority": 5 });
  publishWith({ priority: 1 }, "a", "b");
  publishWith({ priority: 5 }, "c");
  publishWith({ priority: 1 }, "d");
  const [c, a, b] = [queue.get(false), queue.get(false), queue.get(false)];
  for (const delivery of [b, a, c]) queue.settle([delivery as QueueDelivery], "nack-requeue");
  expect(drain()).toEqual(["c", "a", "b", "d"]);
});

test("a full queue drops the head, which has the highest priority", () => {
  const { publishWith, drain } = stageQueue({ "x-max-priority": 9, "x-max-length": 2 });
  publishWith({ priority: 0 }, "low");
  publishWith({ priority: 5 }, "high");
  publishWith({ priority: 3 }, "middle");
  publishWith({ priority: 9 }, "highest");
  expect(drain()).toEqual(["middle", "low"]);
});

test("an expired message waits behind one of a higher priority that lives longer", () => {
  const { queue, publishWith, clock } = stageQueue({ "x-max-priority": 5 });
  publishWith({ expiration: "30" }, "low");
  publishWith({ priority: 5, expiration: "300" }, "high");
  clock.advance(100);
  expect(queue.readyCount).toBe(2);
  clock.advance(200);
  expect(queue.readyCount).toBe(0);
});
