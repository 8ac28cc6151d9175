import { describe, expect, test } from "vitest";
import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import type { BrokerVersion } from "../../version.ts";
import { type FakeConsumer, plainTable, type QueueStage, stageQueue, table } from "./queue.test-support.ts";

function stageStream(version: BrokerVersion = "3.10", args: Record<string, string | number> = {}) {
  return stageQueue({ "x-queue-type": "stream", ...args }, { version });
}

function from(stage: QueueStage, offset?: FieldValue | string | number): FakeConsumer {
  return stage.consume({ prefetchCount: 100, arguments: offsetTable(offset) });
}

function offsetTable(offset?: FieldValue | string | number): FieldTable {
  if (offset === undefined) return new Map();
  return typeof offset === "object"
    ? new Map([["x-stream-offset", offset]])
    : table({ "x-stream-offset": offset });
}

describe("a consumer of a stream begins", () => {
  test.each([
    ["first", "abc"],
    ["last", "c"],
    ["next", ""],
    [undefined, ""],
    [-1, "abc"],
    [1, "bc"],
    [3, ""],
  ])("at offset %j with %j", (offset, got) => {
    const stage = stageStream();
    stage.publish("a", "b", "c");
    expect(from(stage, offset).got.join("")).toBe(got);
  });

  test("beyond the end where messages have come so far", () => {
    const stage = stageStream();
    stage.publish("a");
    const consumer = from(stage, 3);
    stage.publish("b", "c", "d", "e");
    expect(consumer.got).toEqual(["d", "e"]);
  });

  test("at a time, or so long ago", () => {
    const stage = stageStream();
    stage.publish("a");
    stage.clock.advance(60_000);
    stage.publish("b");
    const seconds = BigInt(stage.clock.now() / 1000);
    expect(from(stage, { type: "timestamp", value: seconds }).got).toEqual(["b"]);
    expect(from(stage, { type: "timestamp", value: seconds + 100n }).got).toEqual([]);
    expect(from(stage, "30s").got).toEqual(["b"]);
    expect(from(stage, "1h").got).toEqual(["a", "b"]);
  });

  test("nowhere where it says nonsense", () => {
    const stage = stageStream();
    expect(() => from(stage, "0")).toThrow(
      `PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue 'q' in vhost '/': {invalid_stream_offset_arg,{longstr,<<"0">>}}`,
    );
    expect(() => from(stage, "zzz")).toThrow("INTERNAL_ERROR");
    expect(() => from(stage, { type: "boolean", value: true })).toThrow("INTERNAL_ERROR");
  });
});

describe("a stream", () => {
  test("gives each message its offset, and keeps it whatever is acked", () => {
    const stage = stageStream();
    stage.publish("a", "b");
    const consumer = from(stage, "first");
    expect(consumer.held.map(({ extraHeaders }) => plainTable(extraHeaders!))).toEqual([
      { "x-stream-offset": 0 },
      { "x-stream-offset": 1 },
    ]);
    consumer.settle(stage.queue, "ack");
    expect([stage.queue.readyCount, stage.queue.unackedCount]).toEqual([2, 0]);
    expect(from(stage, "first").got).toEqual(["a", "b"]);
  });

  test("gives as much as the prefetch allows, and more for each ack", () => {
    const stage = stageStream();
    stage.publish("a", "b", "c");
    const consumer = stage.consume({
      prefetchCount: 2,
      arguments: table({ "x-stream-offset": "first" }),
    });
    expect(consumer.got).toEqual(["a", "b"]);
    consumer.settle(stage.queue, "ack", "a");
    expect(consumer.got).toEqual(["a", "b", "c"]);
  });

  test("gives nothing more to a consumer that was cancelled", () => {
    const stage = stageStream();
    const consumer = from(stage);
    stage.queue.cancel(consumer);
    stage.publish("a");
    expect(consumer.got).toEqual([]);
  });

  test.each([
    [
      "3.10",
      "consumer prefetch count is not set for 'queue 'q' in vhost '/''",
      "NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queues queue 'q' in vhost '/'",
    ],
    [
      "4.0",
      "consumer prefetch count is not set for stream queue 'q' in vhost '/'",
      "NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queue 'q' in vhost '/'",
    ],
  ] as const)("of %s demands a prefetch and acks", (version, noPrefetch, noAck) => {
    const stage = stageStream(version);
    expect(() => stage.consume()).toThrow(noPrefetch);
    expect(() => stage.consume({ prefetchCount: 1, noAck: true })).toThrow(noAck);
  });

  test("knows neither get nor purge", () => {
    const { queue } = stageStream();
    expect(() => queue.get(true)).toThrow(
      "NOT_IMPLEMENTED - basic.get not supported by stream queues queue 'q' in vhost '/'",
    );
    expect(() => queue.purge()).toThrow(
      "NOT_IMPLEMENTED - queue.purge not supported by stream queues queue 'q' in vhost '/'",
    );
  });

  test("takes nack and reject for an ack in 4.0, and refuses them in 3.10", () => {
    const settle = (version: BrokerVersion, how: "nack-requeue" | "discard"): number => {
      const stage = stageStream(version);
      stage.publish("a");
      const consumer = from(stage, "first");
      consumer.settle(stage.queue, how);
      return stage.queue.unackedCount;
    };
    const text =
      "NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues queue 'q' in vhost '/'";
    expect(() => settle("3.10", "nack-requeue")).toThrow(text);
    expect(() => settle("3.10", "discard")).toThrow(text);
    expect([settle("4.0", "nack-requeue"), settle("4.0", "discard")]).toEqual([0, 0]);
  });

  test("forgets whole segments beyond its bytes or its age", () => {
    const segments = { "x-stream-max-segment-size-bytes": 2 };
    const short = stageStream("3.10", { ...segments, "x-max-length-bytes": 4 });
    short.publish("aa", "bb", "cc", "dd", "ee");
    expect(from(short, "first").got).toEqual(["cc", "dd", "ee"]);
    expect(from(short, 0).got).toEqual(["cc", "dd", "ee"]);
    const young = stageStream("3.10", { ...segments, "x-max-age": "1m" });
    young.publish("aa");
    young.clock.advance(61_000);
    young.publish("bb", "cc");
    expect(from(young, "first").got).toEqual(["bb", "cc"]);
  });

  test("lets a consumer read on at the oldest message where its place is gone", () => {
    const stage = stageStream("3.10", {
      "x-stream-max-segment-size-bytes": 2,
      "x-max-length-bytes": 4,
    });
    stage.publish("aa");
    const slow = stage.consume({
      prefetchCount: 1,
      arguments: table({ "x-stream-offset": "first" }),
    });
    stage.publish("bb", "cc", "dd", "ee");
    slow.settle(stage.queue, "ack");
    expect(slow.got).toEqual(["aa", "cc"]);
  });

  test("forgets what a channel held that closed", () => {
    const stage = stageStream();
    stage.publish("a");
    const consumer = from(stage, "first");
    stage.queue.cancel(consumer);
    consumer.settle(stage.queue, "channel-closed");
    expect([stage.queue.unackedCount, stage.queue.readyCount]).toEqual([0, 1]);
  });

  test("tells its consumers when it is gone", () => {
    const stage = stageStream();
    const consumer = from(stage);
    stage.publish("a");
    stage.queue.destroy();
    expect([consumer.cancelledCount, stage.queue.unackedCount]).toEqual([1, 0]);
  });
});
