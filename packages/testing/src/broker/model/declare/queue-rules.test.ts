import { describe, expect, test } from "vitest";
import type { FieldValue } from "../../codec/field-table.ts";
import { array, boolean, fieldTable, int64, longstr, table } from "../../codec/field-values.ts";
import { versionRules, type BrokerVersion } from "../../version.ts";
import { checkNewQueue } from "./queue-rules.ts";

const int8 = (value: number): FieldValue => ({ type: "int8", value });
const classic = {};
const quorum = { "x-queue-type": longstr("quorum") };
const stream = { "x-queue-type": longstr("stream") };

type Arguments = Readonly<Record<string, FieldValue>>;

function declare(args: Arguments, version: BrokerVersion = "3.10"): void {
  const declaration = { name: "q", durable: true, exclusive: false, autoDelete: false };
  checkNewQueue({ ...declaration, arguments: fieldTable(args) }, "/", versionRules[version]);
}

describe("checkNewQueue", () => {
  /** As 3.10.8 and 4.0.5 word it. */
  test.each<readonly [argument: string, problem: string, Arguments]>([
    ["x-message-ttl", '"expected integer, got longstr"', { "x-message-ttl": longstr("x") }],
    ["x-message-ttl", "{value_negative,-1}", { "x-message-ttl": int8(-1) }],
    ["x-message-ttl", "{value_too_large,315360000001}", { "x-message-ttl": int64(315_360_000_001) }],
    ["x-message-ttl", '"expected integer, got bool"', { "x-message-ttl": boolean(true) }],
    ["x-message-ttl", '"expected integer, got void"', { "x-message-ttl": { type: "void" } }],
    ["x-message-ttl", '"expected integer, got array"', { "x-message-ttl": array(int8(1)) }],
    ["x-message-ttl", '"expected integer, got table"', { "x-message-ttl": table({}) }],
    ["x-message-ttl", '"expected integer, got double"', { "x-message-ttl": { type: "double", value: 5 } }],
    [
      "x-message-ttl",
      '"expected integer, got timestamp"',
      { "x-message-ttl": { type: "timestamp", value: 5n } },
    ],
    ["x-expires", "{value_zero,0}", { "x-expires": int8(0) }],
    ["x-expires", "{value_negative,-3}", { "x-expires": int8(-3) }],
    ["x-expires", "{value_too_large,5000000000000}", { "x-expires": int64(5e12) }],
    [
      "x-dead-letter-routing-key",
      "routing_key_but_no_dlx_defined",
      { "x-dead-letter-routing-key": longstr("k") },
    ],
    ["x-dead-letter-routing-key", "{unacceptable_type,byte}", { "x-dead-letter-routing-key": int8(5) }],
    ["x-max-length", "{value_negative,-1}", { "x-max-length": int8(-1) }],
    ["x-max-length-bytes", "{value_negative,-1}", { "x-max-length-bytes": int8(-1) }],
    ["x-max-priority", "{max_value_exceeded,256}", { "x-max-priority": { type: "int16", value: 256 } }],
    ["x-max-priority", "{value_negative,-1}", { "x-max-priority": int8(-1) }],
    ["x-overflow", "invalid_overflow", { "x-overflow": longstr("x") }],
    ["x-overflow", "{unacceptable_type,byte}", { "x-overflow": int8(1) }],
    ["x-queue-mode", `"unsupported queue mode 'x'"`, { "x-queue-mode": longstr("x") }],
    ["x-queue-version", `"unsupported queue version '3'"`, { "x-queue-version": int8(3) }],
    [
      "x-single-active-consumer",
      "{unacceptable_type,longstr}",
      { "x-single-active-consumer": longstr("true") },
    ],
    ["x-queue-type", `"unsupported queue type 'x'"`, { "x-queue-type": longstr("x") }],
    ["x-queue-type", String.raw`"unsupported queue type 'a\t\"\\'"`, { "x-queue-type": longstr('a\t"\\') }],
    ["x-queue-type", "{unacceptable_type,byte}", { "x-queue-type": int8(4) }],
    ["x-quorum-initial-group-size", "{value_zero,0}", { ...quorum, "x-quorum-initial-group-size": int8(0) }],
    ["x-dead-letter-strategy", "invalid_dlx_strategy", { ...quorum, "x-dead-letter-strategy": longstr("x") }],
    [
      "x-queue-leader-locator",
      "invalid_queue_locator_arg",
      { ...quorum, "x-queue-leader-locator": longstr("x") },
    ],
    ["x-max-age", "invalid_max_age", { ...stream, "x-max-age": longstr("7") }],
    ["x-max-age", "invalid_max_age", { ...stream, "x-max-age": longstr("7hh") }],
    ["x-max-age", "invalid_max_age", { ...stream, "x-max-age": longstr("0h") }],
    ["x-max-age", "{unacceptable_type,byte}", { ...stream, "x-max-age": int8(5) }],
  ])("refuses %s: %s", (argument, problem, args) => {
    for (const version of ["3.10", "4.0"] as const) {
      expect(() => declare(args, version)).toThrow(
        `PRECONDITION_FAILED - invalid arg '${argument}' for queue 'q' in vhost '/': ${problem}`,
      );
    }
  });

  test.each<readonly [string, Arguments]>([
    ["no argument", classic],
    ["every width of integer", { "x-message-ttl": int8(0), "x-max-length": { type: "uint16", value: 5 } }],
    ["ten years", { "x-message-ttl": int64(315_360_000_000) }],
    ["255 priorities", { "x-max-priority": { type: "int16", value: 255 } }],
    ["none", { "x-max-priority": int8(0) }],
    ["a text for the delivery limit", { ...quorum, "x-delivery-limit": longstr("a") }],
    ["what nobody knows", { "x-nope": int8(1), "x-consumer-timeout": longstr("a") }],
    ["a retention", { ...stream, "x-max-age": longstr("7D"), "x-max-length-bytes": int8(5) }],
    ["reject-publish-dlx on a quorum queue", { ...quorum, "x-overflow": longstr("reject-publish-dlx") }],
  ])("accepts %s", (_what, args) => {
    expect(() => declare(args, "3.10")).not.toThrow();
    expect(() => declare(args, "4.0")).not.toThrow();
  });

  test.each<readonly [string, string, Arguments]>([
    ["x-delivery-limit", "classic", classic],
    ["x-dead-letter-strategy", "classic", classic],
    ["x-max-in-memory-length", "classic", classic],
    ["x-max-age", "classic", classic],
    ["x-initial-cluster-size", "classic", classic],
    ["x-queue-mode", "quorum", quorum],
    ["x-max-priority", "quorum", quorum],
    ["x-max-age", "quorum", quorum],
    ["x-message-ttl", "stream", stream],
    ["x-max-length", "stream", stream],
    ["x-dead-letter-exchange", "stream", stream],
  ])("refuses %s, whatever its value, on a %s queue", (argument, kind, others) => {
    expect(() => declare({ ...others, [argument]: longstr("x") })).toThrow(
      `PRECONDITION_FAILED - invalid arg '${argument}' for queue 'q' in vhost '/' of queue type rabbit_${kind}_queue`,
    );
  });

  test("classic queues understand x-queue-leader-locator from 4.0 on", () => {
    const args = { "x-queue-leader-locator": longstr("client-local") };
    expect(() => declare(args, "3.10")).toThrow("of queue type rabbit_classic_queue");
    expect(() => declare(args, "4.0")).not.toThrow();
  });

  test("streams have their own limits of size", () => {
    const segment = { ...stream, "x-stream-max-segment-size-bytes": int64(3_000_000_001) };
    expect(() => declare(segment)).toThrow(
      "PRECONDITION_FAILED - Exceeded max value for x-stream-max-segment-size-bytes",
    );
    for (const size of [longstr("a"), int8(15), int64(256)]) {
      const filter = { ...stream, "x-stream-filter-size-bytes": size };
      expect(() => declare(filter, "3.10")).not.toThrow();
      expect(() => declare(filter, "4.0")).toThrow(
        "PRECONDITION_FAILED - Invalid value for  x-stream-filter-size-bytes",
      );
    }
    expect(() => declare({ ...stream, "x-stream-filter-size-bytes": int8(16) }, "4.0")).not.toThrow();
  });

  test("a retention that does not begin with a digit is more than RabbitMQ can take", () => {
    expect(() => declare({ ...stream, "x-max-age": longstr("x") })).toThrow("INTERNAL_ERROR");
  });

  test("4.0 knows one more place for leaders", () => {
    const args = { ...quorum, "x-queue-leader-locator": longstr("min-masters") };
    expect(() => declare(args, "3.10")).toThrow("invalid_queue_locator_arg");
    expect(() => declare(args, "4.0")).not.toThrow();
  });

  test("of two wrong values the one that RabbitMQ asks first is told, and values come before foreign arguments", () => {
    expect(() => declare({ "x-message-ttl": longstr("x"), "x-expires": longstr("y") })).toThrow(
      "'x-expires'",
    );
    expect(() => declare({ "x-delivery-limit": int8(1), "x-overflow": longstr("y") })).toThrow(
      "'x-overflow'",
    );
  });

  test("a dead-letter exchange that is no text is refused before anything else", () => {
    expect(() => declare({ "x-queue-type": longstr("zz"), "x-dead-letter-exchange": int8(5) })).toThrow(
      "PRECONDITION_FAILED - invalid type 'byte' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '/'",
    );
  });

  test.each([
    ["auto-delete", { autoDelete: true, exclusive: true, durable: false }],
    ["exclusive-owner", { autoDelete: false, exclusive: true, durable: false }],
    ["non-durable", { autoDelete: false, exclusive: false, durable: false }],
  ])("a replicated queue is not %s", (property, flags) => {
    for (const args of [quorum, stream]) {
      const declaration = { name: "q", ...flags, arguments: fieldTable(args) };
      expect(() => checkNewQueue(declaration, "/", versionRules["3.10"])).toThrow(
        `PRECONDITION_FAILED - invalid property '${property}' for queue 'q' in vhost '/'`,
      );
    }
  });
});
