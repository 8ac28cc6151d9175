import { describe, expect, test } from "vitest";
import type { BrokerVersion } from "../../version.ts";
import type { Settlement } from "./queue.ts";
import { plainTable, stageQueue } from "./queue.test-support.ts";

function deliveriesUntilGone(
  args: Record<string, number>,
  version: BrokerVersion,
  how: Settlement = "nack-requeue",
): number {
  const { queue, publish } = stageQueue({ "x-queue-type": "quorum", ...args }, { version });
  publish("a");
  for (let count = 0; count < 100; count++) {
    const delivery = queue.get(false);
    if (delivery === undefined) return count;
    queue.settle([delivery], how);
  }
  return Infinity;
}

describe("the delivery limit of a quorum queue", () => {
  test.each(["3.10", "4.0"] as const)("of n is n + 1 deliveries in %s", (version) => {
    expect(deliveriesUntilGone({ "x-delivery-limit": 0 }, version)).toBe(1);
    expect(deliveriesUntilGone({ "x-delivery-limit": 3 }, version)).toBe(4);
  });

  test("counts rejects and channels that end as well", () => {
    const limit = { "x-delivery-limit": 1 };
    expect(deliveriesUntilGone(limit, "3.10", "reject-requeue")).toBe(2);
    expect(deliveriesUntilGone(limit, "4.0", "channel-closed")).toBe(2);
  });

  test("is 20 in 4.0 and none in 3.10 where the queue names none", () => {
    expect(deliveriesUntilGone({}, "4.0")).toBe(21);
    expect(deliveriesUntilGone({}, "3.10")).toBe(Infinity);
  });

  test("of -1 is none in 4.0, and in 3.10 one that the first return exceeds", () => {
    expect(deliveriesUntilGone({ "x-delivery-limit": -1 }, "4.0")).toBe(Infinity);
    expect(deliveriesUntilGone({ "x-delivery-limit": -1 }, "3.10")).toBe(1);
  });

  test("sends the message to the dead letters", () => {
    const { queue, publish, letters } = stageQueue({
      "x-queue-type": "quorum",
      "x-delivery-limit": 0,
      "x-dead-letter-exchange": "dlx",
    });
    publish("a");
    queue.settle([queue.get(false)!], "nack-requeue");
    const headers = plainTable(letters[0]!.message.properties.headers!);
    expect(headers["x-first-death-reason"]).toBe("delivery_limit");
  });
});

describe("x-delivery-count", () => {
  test("comes with what came back", () => {
    const { queue, consume, publish } = stageQueue({ "x-queue-type": "quorum" });
    const consumer = consume();
    publish("a");
    expect(consumer.held[0]!.extraHeaders).toBeUndefined();
    consumer.settle(queue, "nack-requeue");
    expect(plainTable(consumer.held[0]!.extraHeaders!)).toEqual({ "x-delivery-count": 1 });
  });

  test("comes with the first basic.get in 3.10, not in 4.0", () => {
    const firstHeaders = (version: BrokerVersion): unknown => {
      const { queue, publish } = stageQueue({ "x-queue-type": "quorum" }, { version });
      publish("a");
      return queue.get(true)?.extraHeaders?.get("x-delivery-count");
    };
    expect(firstHeaders("3.10")).toEqual({ type: "int64", value: 0n });
    expect(firstHeaders("4.0")).toBeUndefined();
  });

  test("never comes from a classic queue", () => {
    const { queue, publish } = stageQueue();
    publish("a");
    queue.settle([queue.get(false)!], "nack-requeue");
    expect(queue.get(true)?.extraHeaders).toBeUndefined();
  });
});
