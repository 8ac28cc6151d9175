import { describe, expect, test } from "vitest";
import type { FieldValue } from "../../codec/field-table.ts";
import type { Properties } from "../../codec/properties.ts";
import type { BrokerVersion } from "../../version.ts";
import type { Message } from "../message.ts";
import type { DeadLetter, Queue } from "./queue.ts";
import { plainTable, stageQueue } from "./queue.test-support.ts";
import { deathsIn } from "./x-death.ts";

const DLX = { "x-dead-letter-exchange": "dlx" };

function text(value: string): FieldValue {
  return { type: "longstr", value: Buffer.from(value) };
}

function texts(...values: string[]): FieldValue {
  return { type: "array", value: values.map(text) };
}

function rejectHead(queue: Queue): void {
  queue.settle([queue.get(false)!], "discard");
}

/** The letter of a message that was rejected in a queue. */
function rejected(
  properties: Properties,
  options: { readonly version?: BrokerVersion; readonly args?: Record<string, string> } = {},
): DeadLetter {
  const { queue, letters, publishWith } = stageQueue({ ...DLX, ...options.args }, options);
  publishWith(properties, "a");
  rejectHead(queue);
  return letters[0]!;
}

function headersOf({ message }: DeadLetter): Record<string, unknown> {
  return plainTable(message.properties.headers!);
}

/** The fields of the entries of x-death in their order on the wire. */
function deathsOf(letter: DeadLetter): [string, unknown][][] {
  const deaths = headersOf(letter)["x-death"] as Record<string, unknown>[];
  return deaths.map((death) => Object.entries(death));
}

describe("a dead letter", () => {
  test("says where, why and when it died", () => {
    const letter = rejected({});
    expect(deathsOf(letter)).toEqual([
      [
        ["count", 1],
        ["reason", "rejected"],
        ["queue", "q"],
        ["time", 1_700_000_000],
        ["exchange", "x"],
        ["routing-keys", ["k"]],
      ],
    ]);
    expect(headersOf(letter)).toMatchObject({
      "x-first-death-exchange": "x",
      "x-first-death-queue": "q",
      "x-first-death-reason": "rejected",
    });
    expect(letter.message).toMatchObject({ exchange: "dlx", routingKey: "k" });
  });

  test("has its count as a 64 bit integer and its time as a timestamp", () => {
    const [entry] = deathsIn(rejected({}).message.properties.headers)!;
    expect(entry!.get("count")).toEqual({ type: "int64", value: 1n });
    expect(entry!.get("time")).toEqual({ type: "timestamp", value: 1_700_000_000n });
  });

  test("keeps its headers, in the order of their keys", () => {
    const headers = new Map([
      ["z", text("1")],
      ["a", text("2")],
    ]);
    expect(Object.keys(headersOf(rejected({ headers, messageId: "id" })))).toEqual([
      "a",
      "x-death",
      "x-first-death-exchange",
      "x-first-death-queue",
      "x-first-death-reason",
      "z",
    ]);
  });

  test("in 4.0 names its last death too", () => {
    expect(headersOf(rejected({}, { version: "4.0" }))).toMatchObject({
      "x-last-death-exchange": "x",
      "x-last-death-queue": "q",
      "x-last-death-reason": "rejected",
    });
  });

  test.each([
    ["3.10", "count reason queue time exchange routing-keys original-expiration"],
    ["4.0", "original-expiration count reason queue time exchange routing-keys"],
  ] as const)("that expired has lost its expiration in %s", (version, fields) => {
    const { clock, letters, publishWith } = stageQueue(DLX, { version });
    publishWith({ expiration: "10" }, "a");
    clock.advance(10);
    expect(letters[0]!.message.properties.expiration).toBeUndefined();
    const [death] = deathsOf(letters[0]!);
    expect(Object.fromEntries(death!)).toMatchObject({
      reason: "expired",
      "original-expiration": "10",
    });
    expect(death!.map(([name]) => name).join(" ")).toBe(fields);
  });

  test("goes by the keys of CC and BCC as well, and shows those of CC", () => {
    const headers = new Map([["CC", texts("cc")]]);
    const { queue, letters } = stageQueue(DLX);
    const message: Message = {
      exchange: "x",
      routingKey: "k",
      properties: { headers },
      body: Buffer.of(),
      blindCopies: ["bcc"],
    };
    queue.publish(message);
    rejectHead(queue);
    expect(letters[0]!.routingKeys).toEqual(["k", "cc", "bcc"]);
    expect(Object.fromEntries(deathsOf(letters[0]!)[0]!)["routing-keys"]).toEqual(["k", "cc"]);
  });

  test.each([
    ["3.10", undefined],
    ["4.0", ["cc"]],
  ] as const)("goes by the queue's key alone, and in %s has CC %j", (version, cc) => {
    const headers = new Map([["CC", texts("cc")]]);
    const args = { "x-dead-letter-routing-key": "dead" };
    const letter = rejected({ headers }, { version, args });
    expect([letter.routingKeys, letter.message.routingKey]).toEqual([["dead"], "dead"]);
    expect(headersOf(letter)["CC"]).toEqual(cc);
  });

  test("shows in its next death the key by which it came, not the CC that it kept", () => {
    const args = { "x-dead-letter-routing-key": "dead" };
    const headers = new Map([["CC", texts("cc")]]);
    const letter = rejected({ headers }, { version: "4.0", args });
    const { queue, letters } = stageQueue(DLX, { version: "4.0", name: "next" });
    queue.publish(letter.message);
    rejectHead(queue);
    expect(letters[0]!.routingKeys).toEqual(["dead"]);
    expect(Object.fromEntries(deathsOf(letters[0]!)[0]!)["routing-keys"]).toEqual(["dead"]);
  });

  test("that died of the same before counts on, keeps its first time and moves to the front", () => {
    const stage = stageQueue(DLX);
    stage.publish("a");
    rejectHead(stage.queue);
    const other = stageQueue({ ...DLX, "x-message-ttl": 1 });
    other.queue.publish({ ...stage.letters[0]!.message });
    other.clock.advance(1);
    stage.clock.advance(60_000);
    stage.queue.publish(other.letters[0]!.message);
    rejectHead(stage.queue);
    expect(deathsOf(stage.letters[1]!).map((death) => Object.fromEntries(death))).toMatchObject([
      { reason: "rejected", count: 2, time: 1_700_000_000 },
      { reason: "expired", count: 1 },
    ]);
    expect(deathsOf(stage.letters[1]!)[0]!.map(([name]) => name)).toEqual([
      "count",
      "exchange",
      "queue",
      "reason",
      "routing-keys",
      "time",
    ]);
  });

  test("starts its count over where a client sent the largest that there is", () => {
    const count: FieldValue = { type: "int64", value: 2n ** 63n - 1n };
    const entry = new Map([
      ["queue", text("q")],
      ["reason", text("rejected")],
      ["count", count],
    ]);
    const value: FieldValue = { type: "array", value: [{ type: "table", value: entry }] };
    const letter = rejected({ headers: new Map([["x-death", value]]) });
    const [death] = deathsIn(letter.message.properties.headers)!;
    expect(death!.get("count")).toEqual({ type: "int64", value: -(2n ** 63n) });
  });

  test("continues an x-death that a client sent in 3.10, and not in 4.0", () => {
    const headers = new Map<string, FieldValue>([
      [
        "x-death",
        {
          type: "array",
          value: [
            {
              type: "table",
              value: new Map<string, FieldValue>([
                ["count", { type: "int8", value: 5 }],
                ["queue", text("q")],
                ["reason", text("rejected")],
              ]),
            },
          ],
        },
      ],
    ]);
    const countIn = (version: BrokerVersion): unknown =>
      Object.fromEntries(deathsOf(rejected({ headers }, { version }))[0]!)["count"];
    expect([countIn("3.10"), countIn("4.0")]).toEqual([6, 1]);
  });

  test("with an x-death that is no array begins anew, in 3.10 without a first death", () => {
    const letter = rejected({ headers: new Map([["x-death", text("nonsense")]]) });
    expect(Object.keys(headersOf(letter))).toEqual(["x-death"]);
    expect(deathsOf(letter)).toHaveLength(1);
  });

  test("counts on in 4.0 by what the broker knows", () => {
    const { queue, letters, publish } = stageQueue(DLX, { version: "4.0" });
    publish("a");
    rejectHead(queue);
    queue.publish(letters[0]!.message);
    rejectHead(queue);
    expect(Object.fromEntries(deathsOf(letters[1]!)[0]!)["count"]).toBe(2);
  });
});

describe("a cycle", () => {
  test("is closed where the message was before and nobody rejected it since", () => {
    const { clock, queue, letters, publish } = stageQueue({ ...DLX, "x-message-ttl": 10 });
    publish("a");
    clock.advance(10);
    expect(letters[0]!.closesCycle("q")).toBe(true);
    expect(letters[0]!.closesCycle("elsewhere")).toBe(false);
    expect(queue.readyCount).toBe(0);
  });

  test("is none where it was rejected", () => {
    expect(rejected({}).closesCycle("q")).toBe(false);
  });

  test.each([
    ["4.0", ["last"]],
    // It looks for the rejection among the deaths up to that queue's, and has turned the earlier ones around.
    ["3.10", ["first", "last"]],
  ] as const)("is none in %s where it was rejected on the way, but for %j", (version, expected) => {
    const ttl = { ...DLX, "x-message-ttl": 10 };
    const first = stageQueue(ttl, { name: "first", version });
    first.publish("a");
    first.clock.advance(10);
    const rejecting = stageQueue(DLX, { name: "rejecting", version });
    rejecting.queue.publish(first.letters[0]!.message);
    rejectHead(rejecting.queue);
    const last = stageQueue(ttl, { name: "last", version });
    last.queue.publish(rejecting.letters[0]!.message);
    last.clock.advance(10);
    const closed = ["first", "rejecting", "last"].filter((name) => last.letters[0]!.closesCycle(name));
    expect(closed).toEqual(expected);
  });
});

test("without a dead-letter exchange nothing is sent", () => {
  const { queue, letters, publish } = stageQueue();
  publish("a");
  rejectHead(queue);
  expect([letters.length, queue.unackedCount, queue.readyCount]).toEqual([0, 0, 0]);
});

test("what consumers of one channel end together dies in the order of their tags", () => {
  const { queue, consume, letters, publish } = stageQueue(DLX);
  const consumers = ["k", "z", "m"].map((tag) => consume({ tag, prefetchCount: 2 }));
  publish("a", "b", "c", "d", "e", "f");
  const held = consumers.flatMap((consumer) => consumer.held);
  queue.settle(held, "discard");
  const died = letters.map(({ message }) => message.body.toString());
  expect(died).toEqual(["a", "d", "c", "f", "b", "e"]);
});
