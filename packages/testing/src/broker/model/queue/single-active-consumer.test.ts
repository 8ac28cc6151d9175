import { describe, expect, test } from "vitest";
import type { BrokerVersion } from "../../version.ts";
import { type FakeConsumer, stageQueue, table } from "./queue.test-support.ts";

function stageWithConsumers(kind: string, version: BrokerVersion, priorities: number[]) {
  const stage = stageQueue({ "x-queue-type": kind, "x-single-active-consumer": true }, { version });
  const consumers = priorities.map((priority, index) =>
    stage.consume({
      tag: "ABCD"[index]!,
      prefetchCount: 2,
      arguments: table({ "x-priority": priority }),
    }),
  );
  return { stage, consumers };
}

/** Closes the channel of whoever got the last message, message by message. */
function takeovers(kind: string, version: BrokerVersion): string {
  const { stage, consumers } = stageWithConsumers(kind, version, [0, 1, 2, 2]);
  const order: string[] = [];
  for (let round = 0; round < 4; round++) {
    stage.publish("m");
    const active = consumers.find(({ held }) => held.length > 0) as FakeConsumer;
    order.push(active.tag);
    active.settle(stage.queue, "ack");
    stage.queue.cancel(active);
  }
  return order.join(" ");
}

describe("with x-single-active-consumer", () => {
  test("one consumer gets all, the others nothing", () => {
    const { stage, consumers } = stageWithConsumers("classic", "3.10", [0, 0]);
    stage.publish("1", "2", "3");
    expect(consumers.map(({ got }) => got)).toEqual([["1", "2"], []]);
  });

  // As RabbitMQ 3.10.8 and 4.0.5 were seen to choose.
  test.each([
    ["classic", "3.10", "A C D B"],
    ["classic", "4.0", "A C D B"],
    ["quorum", "3.10", "A B C D"],
    ["quorum", "4.0", "C D B A"],
  ] as const)("a %s queue of %s is taken over in the order %s", (kind, version, order) => {
    expect(takeovers(kind, version)).toBe(order);
  });

  test("a newcomer of a higher priority waits in 4.0 until the active one holds nothing", () => {
    const { stage, consumers } = stageWithConsumers("quorum", "4.0", [0]);
    stage.publish("1", "2", "3");
    const newcomer = stage.consume({ tag: "B", arguments: table({ "x-priority": 9 }) });
    consumers[0]!.settle(stage.queue, "ack", "1");
    expect([consumers[0]!.got, newcomer.got]).toEqual([["1", "2"], []]);
    consumers[0]!.settle(stage.queue, "ack", "2");
    expect(newcomer.got).toEqual(["3"]);
  });

  test("what waits goes to the next at once, but for classic queues of 3.10", () => {
    const gotAfterCancel = (kind: string, version: BrokerVersion): string[] => {
      const { stage, consumers } = stageWithConsumers(kind, version, [0, 0]);
      stage.publish("1", "2", "3");
      stage.queue.cancel(consumers[0]!);
      return consumers[1]!.got;
    };
    expect(gotAfterCancel("classic", "4.0")).toEqual(["3"]);
    expect(gotAfterCancel("quorum", "3.10")).toEqual(["3"]);
    expect(gotAfterCancel("classic", "3.10")).toEqual([]);
  });
});
