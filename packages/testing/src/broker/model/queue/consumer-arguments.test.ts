import { expect, test } from "vitest";
import type { FieldValue } from "../../codec/field-table.ts";
import type { BrokerVersion } from "../../version.ts";
import { stageQueue, table } from "./queue.test-support.ts";

function consumeWith(
  kind: string,
  args: ReadonlyMap<string, FieldValue>,
  version: BrokerVersion = "3.10",
): void {
  stageQueue({ "x-queue-type": kind }, { version }).consume({ prefetchCount: 1, arguments: args });
}

test("an x-priority has to be an integer", () => {
  expect(() => consumeWith("classic", table({ "x-priority": "high" }))).toThrow(
    `PRECONDITION_FAILED - invalid arg 'x-priority' for queue 'q' in vhost '/': "expected integer, got longstr"`,
  );
  expect(() => consumeWith("quorum", table({ "x-priority": true }))).toThrow("got bool");
  consumeWith("classic", new Map([["x-priority", { type: "int64", value: -5n }]]));
});

test("an argument of another kind of queue is refused, one of none is not", () => {
  expect(() => consumeWith("classic", table({ "x-stream-offset": "first" }))).toThrow(
    "invalid arg 'x-stream-offset' for queue 'q' in vhost '/' of queue type rabbit_classic_queue",
  );
  expect(() => consumeWith("stream", table({ "x-priority": 1 }))).toThrow(
    "invalid arg 'x-priority' for queue 'q' in vhost '/' of queue type rabbit_stream_queue",
  );
  consumeWith("classic", table({ "x-foo": 1 }));
});

test("a stream of 3.10 refuses x-cancel-on-ha-failover, which 4.0 knows no more", () => {
  const args = table({ "x-cancel-on-ha-failover": true });
  expect(() => consumeWith("stream", args)).toThrow("rabbit_stream_queue");
  consumeWith("stream", args, "4.0");
});
