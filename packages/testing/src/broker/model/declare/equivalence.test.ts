import { describe, expect, test } from "vitest";
import type { FieldValue } from "../../codec/field-table.ts";
import { array, boolean, fieldTable, int64, longstr, table } from "../../codec/field-values.ts";
import { versionRules } from "../../version.ts";
import { checkSameExchange, checkSameQueue } from "./equivalence.ts";

type Arguments = Readonly<Record<string, FieldValue>>;

const int8 = (value: number): FieldValue => ({ type: "int8", value });

const exchange = (changes: object = {}, args: Arguments = {}) => ({
  name: "x",
  type: "direct",
  durable: false,
  autoDelete: false,
  internal: false,
  arguments: fieldTable(args),
  ...changes,
});
const queue = (changes: object = {}, args: Arguments = {}) => ({
  name: "q",
  durable: true,
  exclusive: false,
  autoDelete: false,
  arguments: fieldTable(args),
  ...changes,
});

describe("checkSameExchange", () => {
  test.each<readonly [string, object]>([
    [
      "'type' for exchange 'x' in vhost '/': received 'fanout' but current is 'direct'",
      { type: "fanout", durable: true },
    ],
    [
      "'durable' for exchange 'x' in vhost '/': received 'true' but current is 'false'",
      { durable: true, internal: true },
    ],
    [
      "'auto_delete' for exchange 'x' in vhost '/': received 'true' but current is 'false'",
      { autoDelete: true, internal: true },
    ],
    ["'internal' for exchange 'x' in vhost '/': received 'true' but current is 'false'", { internal: true }],
  ])("tells the first difference: %s", (text, changes) => {
    expect(() => checkSameExchange(exchange(), exchange(changes), "/")).toThrow(
      `PRECONDITION_FAILED - inequivalent arg ${text}`,
    );
  });

  const to = (name: string): Arguments => ({ "alternate-exchange": longstr(name) });

  test.each<readonly [string, current: Arguments, received: Arguments]>([
    ["received the value 'y' of type 'longstr' but current is none", {}, to("y")],
    ["received none but current is the value 'y' of type 'longstr'", to("y"), {}],
    ["received 'z' but current is 'y'", to("y"), to("z")],
    ["received '5' but current is 'y'", to("y"), { "alternate-exchange": int8(5) }],
  ])("compares the alternate exchange: %s", (text, current, received) => {
    expect(() => checkSameExchange(exchange({}, current), exchange({}, received), "/")).toThrow(
      `PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange 'x' in vhost '/': ${text}`,
    );
  });

  test("overlooks every other argument", () => {
    expect(() =>
      checkSameExchange(exchange({}, { a: int8(1) }), exchange({}, { a: int8(2) }), "/"),
    ).not.toThrow();
  });
});

describe("checkSameQueue", () => {
  const check =
    (current: object, received: object, version: "3.10" | "4.0" = "3.10") =>
    () => {
      checkSameQueue(
        current as ReturnType<typeof queue>,
        received as ReturnType<typeof queue>,
        "/",
        versionRules[version],
      );
    };
  const ttl = (value: FieldValue) => queue({}, { "x-message-ttl": value });
  const deadLetter = (value: FieldValue) => queue({}, { "x-dead-letter-exchange": value });
  const ofType = (type: string) => queue({}, { "x-queue-type": longstr(type) });

  test.each<readonly [text: string, current: object, received: object]>([
    [
      "'durable' …: received 'false' but current is 'true'",
      queue(),
      queue({ durable: false, autoDelete: true }),
    ],
    ["'auto_delete' …: received 'false' but current is 'true'", queue({ autoDelete: true }), queue()],
    ["'x-message-ttl' …: received '6' but current is '5'", ttl(int8(5)), ttl(int8(6))],
    ["'x-message-ttl' …: received '5.0' but current is '5'", ttl(int8(5)), ttl({ type: "double", value: 5 })],
    ["'x-message-ttl' …: received '5' but current is '5'", ttl(int8(5)), ttl(longstr("5"))],
    ["'x-message-ttl' …: received the value '5' of type 'byte' but current is none", queue(), ttl(int8(5))],
    ["'x-message-ttl' …: received none but current is the value '5' of type 'byte'", ttl(int8(5)), queue()],
    [
      "'x-message-ttl' …: received the value 'a' of type 'longstr' but current is none",
      queue(),
      ttl(longstr("a")),
    ],
    [
      "'x-single-active-consumer' …: received the value 'true' of type 'bool' but current is none",
      queue(),
      queue({}, { "x-single-active-consumer": boolean(true) }),
    ],
    [
      "'x-dead-letter-exchange' …: received 'b' but current is 'a'",
      deadLetter(longstr("a")),
      deadLetter(longstr("b")),
    ],
    [
      "'x-dead-letter-exchange' …: received none but current is 'a'",
      deadLetter(longstr("a")),
      deadLetter({ type: "void" }),
    ],
    [
      `'x-dead-letter-exchange' …: received '[{<<"a">>,array,[{byte,1}]}]' but current is 'a'`,
      deadLetter(longstr("a")),
      deadLetter(table({ a: array(int8(1)) })),
    ],
    [
      "'x-queue-type' …: received the value 'quorum' of type 'longstr' but current is none",
      queue(),
      ofType("quorum"),
    ],
    [
      "'x-queue-type' …: received none but current is the value 'quorum' of type 'longstr'",
      ofType("quorum"),
      queue(),
    ],
    ["'x-queue-type' …: received 'stream' but current is 'quorum'", ofType("quorum"), ofType("stream")],
  ])("tells the difference: %s", (text, current, received) => {
    expect(check(current, received)).toThrow(
      `PRECONDITION_FAILED - inequivalent arg ${text.replace("…", "for queue 'q' in vhost '/'")}`,
    );
  });

  test("compares in RabbitMQ's order, not in the caller's", () => {
    const received = queue({}, { "x-max-length": int8(3), "x-message-ttl": int8(5), "x-expires": int8(5) });
    expect(check(queue(), received)).toThrow("'x-expires'");
  });

  test("an integer of another width is the same", () => {
    expect(check(ttl(int8(5)), ttl(int64(5)))).not.toThrow();
  });

  test("no type and classic are the same", () => {
    expect(check(queue(), ofType("classic"))).not.toThrow();
    expect(check(ofType("classic"), queue())).not.toThrow();
  });

  test("what this kind of queue does not understand is overlooked", () => {
    expect(check(queue(), queue({}, { "x-max-age": longstr("1h"), "x-foo": int8(1) }))).not.toThrow();
  });

  test("classic queues of 4.0 compare where their leader is placed", () => {
    const placed = queue({}, { "x-queue-leader-locator": longstr("balanced") });
    expect(check(queue(), placed, "3.10")).not.toThrow();
    expect(check(queue(), placed, "4.0")).toThrow("'x-queue-leader-locator'");
  });
});
