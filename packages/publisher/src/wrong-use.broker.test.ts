import { connect, type Connection } from "@warren/connection";
import { codecs, ConfigError, defineMessage, diagnostics, PublishError, WarrenError } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createPublisher, type Publisher } from "./publisher.ts";

const broker = useBroker();
const Order = defineMessage({
  type: "order",
  exchange: "amq.topic",
  routingKey: "order.{id}",
  schema: z.object({ id: z.string() }),
});
const order = { id: "1" };
const raw = { exchange: "amq.topic", routingKey: "k", body: Buffer.alloc(0) };

/** The publisher as a program without types sees it. */
type Untyped = Readonly<
  Record<
    "publish" | "publishAll" | "request" | "flush" | "close",
    (...given: unknown[]) => Promise<unknown>
  > &
    Record<"requestMany", (...given: unknown[]) => AsyncGenerator>
>;

let connection: Connection;
let publisher: Publisher;
let untyped: Untyped;

beforeAll(async () => {
  connection = await connect(broker.url);
  publisher = createPublisher(connection);
  untyped = publisher as unknown as Untyped;
});
afterAll(() => connection.close());

async function thrownBy(call: () => Promise<unknown>): Promise<WarrenError> {
  const written: unknown[] = [];
  const watch = (event: unknown): void => void written.push(event);
  diagnostics.publish.subscribe(watch);
  // An answer that never comes would be one too.
  const thrown: unknown = await call().then(
    (value) => expect.unreachable(`it resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  await publisher.flush();
  diagnostics.publish.unsubscribe(watch);
  expect(written).toEqual([]);
  expect(thrown).toBeInstanceOf(WarrenError);
  return thrown as WarrenError;
}

type Misuse = readonly [given: readonly unknown[], problem: string];

const misuses = (...rows: readonly Misuse[]): readonly { given: readonly unknown[]; problem: string }[] =>
  rows.map(([given, problem]) => ({ given, problem }));

const notSendable = "must be a message of defineMessage, or { exchange, routingKey, body }, not";

test.each(
  misuses(
    [[], `${notSendable} undefined`],
    [[null], `${notSendable} null`],
    [["order", order], `${notSendable} "order"`],
    [[[raw]], `${notSendable} an array`],
    [[{}], "the body is undefined, not a Uint8Array: give Buffer.from(text)"],
    [[{ ...raw, body: "text" }], "the body is a text, not a Uint8Array: give Buffer.from(text)"],
    [[{ exchange: "amq.topic", body: raw.body }], "routingKey is not a text"],
    [[{ ...raw, routngKey: "k" }], 'unknown option "routngKey". Did you mean "routingKey"?'],
    [[{ ...raw, mandatory: "no" }], 'mandatory must be true or false, not "no"'],
    [
      [raw, { confirmTimeoutMs: "5s" }],
      'confirmTimeoutMs must be a whole number from 1 to 2147483647, not "5s"',
    ],
    [[raw, order], 'unknown option "id"'],
    [[raw, null], "options must be an object, not null"],
    [[raw, [{}]], "options must be an object, not an array"],
    [[Order], 'the payload of "order" fails its schema'],
    [[Order, { idd: "1" }], 'the payload of "order" fails its schema: id: '],
    [[Order, order, { mandatry: false }], 'unknown option "mandatry". Did you mean "mandatory"?'],
    [
      [Order, order, { messageID: "m-1", expiration: 5, headers: { "x-death": 1 } }],
      `3 problems:
  - unknown option "messageID". Did you mean "messageId"?
  - unknown option "expiration". Did you mean "expirationMs"?
  - headers.x-death is reserved: the broker writes it`,
    ],
    [[{ ...raw, body: "secret", mandatory: 1 }], "2 problems:\n  - the body is a text, not a Uint8Array"],
    [
      [{ ...raw, headers: { "x-death": 1, "x-warren-attempt": 2 } }],
      "2 problems:\n  - headers.x-death is reserved: the broker writes it\n  - headers.x-warren-attempt is reserved",
    ],
    [[Order, order, "no"], 'options must be an object, not "no"'],
    [[Order, order, null], "options must be an object, not null"],
    [[Order, order, { signal: new AbortController() }], "signal must be an AbortSignal, not an object"],
  ),
)("publish: $problem", async ({ given, problem }) => {
  const error = await thrownBy(() => untyped.publish(...given));
  expect(error).toBeInstanceOf(PublishError);
  expect(error.code).toBe("PUBLISH_INVALID");
  expect(error.sentence).toContain(problem);
});

test.each(
  misuses(
    [
      [],
      "what publishAll publishes must be an array or another iterable, not undefined; for a single one call publish",
    ],
    [[null], "what publishAll publishes must be an array or another iterable, not null"],
    [[raw], "what publishAll publishes must be an array or another iterable, not an object"],
    [["order"], 'what publishAll publishes must be an array or another iterable, not "order"'],
    [
      [Promise.resolve([raw])],
      "what publishAll publishes must be an array or another iterable, not a promise",
    ],
    [[raw.body], "what publishAll publishes must be an array or another iterable, not an object"],
    [[[raw], { replai: false }], 'unknown option "replai". Did you mean "replay"?'],
    [[[], 5], "options must be an object, not 5"],
    [
      [Order],
      'the payloads of "order" must be an array or another iterable, not undefined; for a single one call publish',
    ],
    [[Order, order], 'the payloads of "order" must be an array or another iterable, not an object'],
    [[Order, "1"], 'the payloads of "order" must be an array or another iterable, not "1"'],
    [[Order, [order], { mandatry: true }], 'unknown option "mandatry". Did you mean "mandatory"?'],
    [[Order, [order], { messageId: "m-1" }], 'unknown option "messageId"'],
    [[Order, [order], null], "options must be an object, not null"],
  ),
)("publishAll: $problem", async ({ given, problem }) => {
  const error = await thrownBy(() => untyped.publishAll(...given));
  expect(error.code).toBe("PUBLISH_INVALID");
  expect(error.sentence).toContain(problem);
});

test("publishAll refuses the items that cannot be published, and only those", async () => {
  const outcomes = await untyped.publishAll([undefined, "order", { ...raw, mandatory: false }]);
  expect(outcomes).toMatchObject([
    { status: "refused", error: { code: "PUBLISH_INVALID", sentence: expect.stringContaining("undefined") } },
    { status: "refused", error: { code: "PUBLISH_INVALID", sentence: expect.stringContaining('"order"') } },
    { status: "confirmed" },
  ]);
});

const wrongRequests: readonly Misuse[] = [
  [[], `${notSendable} undefined`],
  [["order", order], `${notSendable} "order"`],
  [[{ ...raw, body: "text" }], "the body is a text, not a Uint8Array: give Buffer.from(text)"],
  [[{ ...raw, routngKey: "k" }], 'Did you mean "routingKey"?'],
  [[raw, { timeoutMs: "5s" }], 'timeoutMs must be a whole number from 1 to 2147483647, not "5s"'],
  [[raw, { confirmTimeoutMs: 5 }], 'unknown option "confirmTimeoutMs"'],
  [[raw, "5s"], 'options must be an object, not "5s"'],
  [[Order], 'the payload of "order" fails its schema'],
  [[Order, { idd: "1" }], 'the payload of "order" fails its schema'],
  [[Order, order, null], "options must be an object, not null"],
  [[Order, order, "5s"], 'options must be an object, not "5s"'],
  [[Order, order, { timeout: 5 }], 'unknown option "timeout". Did you mean "timeoutMs"?'],
  [[Order, order, { timeoutMs: 0 }], "timeoutMs must be a whole number from 1 to 2147483647, not 0"],
  [[Order, order, { reply: "quote" }], 'reply must be a message of defineMessage, not "quote"'],
  [[Order, order, { reply: { type: "quote" } }], "reply must be a message of defineMessage, not an object"],
  [[Order, order, { replyTo: "mine" }], 'unknown option "replyTo"'],
  [[Order, order, { signal: "stop" }], 'signal must be an AbortSignal, not "stop"'],
];

test.each(misuses(...wrongRequests))("request: $problem", async ({ given, problem }) => {
  const error = await thrownBy(() => untyped.request(...given));
  expect(error.code).toBe("PUBLISH_INVALID");
  expect(error.sentence).toContain(problem);
});

test("request takes no options that are about several replies", async () => {
  for (const name of ["replies", "maxBufferedReplies", "maxBufferedBytes"]) {
    const error = await thrownBy(() => untyped.request(Order, order, { [name]: 2 }));
    expect(error.sentence).toContain(`unknown option "${name}"`);
  }
});

test.each(
  misuses(
    ...wrongRequests,
    [[Order, order, { replies: 0 }], "replies must be a whole number from 1, not 0"],
    [[Order, order, { replies: "all" }], 'replies must be a whole number from 1, not "all"'],
    [[Order, order, { maxBufferedReplies: 0 }], "maxBufferedReplies must be a whole number from 1, not 0"],
    [[Order, order, { maxBufferedBytes: 1.5 }], "maxBufferedBytes must be a whole number from 1, not 1.5"],
  ),
)("requestMany: $problem", async ({ given, problem }) => {
  const error = await thrownBy(() => untyped.requestMany(...given).next());
  expect(error.code).toBe("PUBLISH_INVALID");
  expect(error.sentence).toContain(problem);
});

test.each<["flush" | "close", unknown, string]>([
  ["flush", null, "flush: options must be an object, not null"],
  ["flush", 500, "flush: options must be an object, not 500"],
  ["flush", { timeout: 500 }, 'flush: unknown option "timeout". Did you mean "timeoutMs"?'],
  ["flush", { timeoutMs: "1s" }, 'flush: timeoutMs must be a whole number from 0 to 2147483647, not "1s"'],
  ["close", null, "close: options must be an object, not null"],
  ["close", { timeout: 500 }, 'close: unknown option "timeout". Did you mean "timeoutMs"?'],
  [
    "close",
    { timeoutMs: Infinity },
    "close: timeoutMs must be a whole number from 0 to 2147483647, not Infinity",
  ],
])("%s(%j): %s", async (method, options, problem) => {
  const error = await thrownBy(() => untyped[method](options));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe(`[INVALID_OPTION] ${problem}`);
});

test("a close that was refused has closed nothing", async () => {
  await using other = createPublisher(connection);
  await expect(other.close({ timeoutMs: -1 })).rejects.toThrow("INVALID_OPTION");
  await expect(other.publish({ ...raw, mandatory: false })).resolves.toMatchObject({ status: "confirmed" });
});

test.each<[string, () => readonly unknown[], string]>([
  ["nothing", () => [], "takes a connection, await connect(…), not undefined"],
  [
    "connect without await",
    () => [Promise.resolve(connection)],
    "takes a connection, await connect(…), not a promise",
  ],
  ["a URL", () => ["amqp://localhost"], 'takes a connection, await connect(…), not "amqp://localhost"'],
  ["null as options", () => [connection, null], "options must be an object, not null"],
  [
    "one codec",
    () => [connection, { codecs: codecs().for("text/plain") }],
    "codecs must be what codecs(…) gives",
  ],
  [
    "a list of codecs",
    () => [connection, { codecs: [] }],
    "codecs must be what codecs(…) gives, not an array",
  ],
  ["an id", () => [connection, { messageId: "m-1" }], 'messageId must be a function, not "m-1"'],
  ["a misspelt option", () => [connection, { maxInflight: 1 }], 'Did you mean "maxInFlight"?'],
])("createPublisher with %s is INVALID_OPTION", (_what, given, problem) => {
  const make = createPublisher as unknown as (...given: readonly unknown[]) => Publisher;
  expect(() => make(...given())).toThrow(ConfigError);
  expect(() => make(...given())).toThrow(problem);
});

test.each<[string, object, string]>([
  ["an id that is a number", { messageId: () => 5 }, "messageId is not a text"],
  ["an id function that throws", { messageId: () => expect.fail("no ids left") }, "no ids left"],
  [
    "trace headers that are a text",
    { traceHeaders: () => "00-1" },
    'traceHeaders gave "00-1" instead of headers',
  ],
  ["no trace headers as null", { traceHeaders: () => null }, "traceHeaders gave null instead of headers"],
  [
    "the headers of a delivery as trace",
    { traceHeaders: () => ({ "x-death": [] }) },
    "headers.x-death is reserved: the broker writes it",
  ],
])("publish with %s is PUBLISH_INVALID", async (_what, options, problem) => {
  await using other = createPublisher(connection, options);
  for (const headers of [undefined, { own: 1 }]) {
    const error = await thrownBy(() => other.publish({ ...raw, ...(headers && { headers }) }));
    expect(error.code).toBe("PUBLISH_INVALID");
    expect(error.sentence).toContain(problem);
  }
});
