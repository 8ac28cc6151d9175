import { connect, type Connection } from "@warren/connection";
import { ConfigError, defineMessage, diagnostics, WarrenError } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Consumer } from "./consumer.ts";
import { createConsumer } from "./create-consumer.ts";
import { on, onAny, onBatch, reply } from "./handling/handler.ts";
import { deduplicate } from "./middleware/deduplicate.ts";
import { MemoryStore } from "./middleware/memory-store.ts";
import { timeout } from "./middleware/timeout.ts";
import { createWorld, type Order, recorded } from "./world.test-support.ts";

const broker = useBroker();
const Placed = defineMessage({
  type: "order.placed",
  exchange: "amq.topic",
  routingKey: "order.{id}",
  schema: z.object({ id: z.string() }),
});
const nothing = (): undefined => undefined;
const notMessage = "what it is for must be a message of defineMessage, not";

let connection: Connection;
beforeAll(async () => void (connection = await connect(broker.url)));
afterAll(() => connection.close());

function problemsOf(call: () => unknown): readonly string[] {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    return (error as ConfigError).problems;
  }
  return expect.unreachable("nothing was refused");
}

const makers = {
  on,
  onBatch,
  onAny,
  reply,
  timeout,
  deduplicate,
  MemoryStore: (options: object) => new MemoryStore(options),
} as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>;

test.each<[maker: string, given: unknown[], ...problems: string[]]>([
  ["on", [], `${notMessage} undefined`, "the handler must be a function, not undefined"],
  ["on", [undefined, nothing], `${notMessage} undefined`],
  ["on", [null, nothing], `${notMessage} null`],
  ["on", [{ type: "order" }, nothing], `${notMessage} an object`],
  ["on", ["order.placed", nothing], `${notMessage} "order.placed"; onAny takes messages whatever their type`],
  ["on", [Placed, undefined], "the handler must be a function, not undefined"],
  ["on", [Placed, Promise.resolve(nothing)], "the handler must be a function, not a promise"],
  ["on", [Placed, nothing, { orderby: 1 }], 'unknown option "orderby". Did you mean "orderBy"?'],
  ["on", [Placed, nothing, { orderBy: "id" }], 'orderBy must be a function, not "id"'],
  ["on", [Placed, nothing, null], "options must be an object, not null"],
  ["on", [Placed, nothing, nothing], "options must be an object, not a function"],
  ["onBatch", [], `${notMessage} undefined`, "the handler must be a function, not undefined"],
  ["onBatch", [Placed, {}], "the handler must be a function, not an object"],
  ["onBatch", [Placed, nothing, { orderBy: nothing }], 'unknown option "orderBy"'],
  ["onAny", [], "the handler must be a function, not undefined"],
  [
    "onAny",
    [Placed, nothing],
    "the handler must be a function, not an object",
    "options must be an object, not a function",
  ],
  ["onAny", [nothing, { orderBy: nothing }], 'unknown option "orderBy"'],
  ["reply", [], `${notMessage} undefined`, "the handler must be a function, not undefined"],
  ["reply", [Placed, { id: 1 }], "the handler must be a function, not an object"],
  ["reply", [Placed, nothing, { replay: Placed }], 'unknown option "replay". Did you mean "reply"?'],
  ["reply", [Placed, nothing, { reply: "quote" }], 'reply must be a message of defineMessage, not "quote"'],
  ["reply", [Placed, nothing, Placed], 'unknown option "type"'],
  ["timeout", [{ timeout: 5 }], 'unknown option "timeout". Did you mean "timeoutMs"?'],
  ["timeout", [5_000], "options must be an object, not 5000"],
  ["deduplicate", [{ store: {} }], "store must have the functions has and add, not an object"],
  ["deduplicate", [{ key: nothing }], 'unknown option "key"'],
  ["MemoryStore", [{ windowMs: "1h" }], 'windowMs must be a whole number from 1 to 2147483647, not "1h"'],
])("%s refuses what it cannot work with, row %#", (maker, given, ...problems) => {
  const told = problemsOf(() => makers[maker]!(...given));
  for (const problem of problems)
    expect(told).toContainEqual(expect.stringContaining(`${maker}: ${problem}`));
});

const make = createConsumer as unknown as (...given: readonly unknown[]) => Consumer;
const handlers = [onAny(nothing)];

test.each<[what: string, given: () => unknown[], ...problems: string[]]>([
  [
    "nothing",
    () => [],
    "createConsumer takes a connection, await connect(…), not undefined",
    "createConsumer: queue is missing; a topology without that queue gives nothing",
    "createConsumer: handlers is missing",
  ],
  [
    "connect without await",
    () => [Promise.resolve(connection), { queue: "q", handlers }],
    "createConsumer takes a connection, await connect(…), not a promise",
  ],
  [
    "a URL, and a misspelt option",
    () => ["amqp://localhost", { queue: "q", handlers, prefech: 1 }],
    'createConsumer takes a connection, await connect(…), not "amqp://localhost"',
    'createConsumer: unknown option "prefech". Did you mean "prefetch"?',
  ],
  ["null as options", () => [connection, null], "createConsumer: options must be an object, not null"],
  [
    "what belongs to the queue's definition",
    () => [connection, { queue: "billing", handlers, retry: { delaysMs: [1] }, singleActiveConsumer: true }],
    'createConsumer: "retry" is said of the queue, in defineTopology({ queues: { billing: { retry } } })',
    'createConsumer: "singleActiveConsumer" is said of the queue, in defineTopology({ queues: { billing: { singleActiveConsumer } } })',
  ],
  [
    "the definition of a queue",
    () => [connection, { queue: { retry: { delaysMs: [1] } }, handlers }],
    "createConsumer: queue must be a queue of a topology (topology.queues.q) or its name, not an object",
  ],
  [
    "a function as handler",
    () => [connection, { queue: "q", handlers: [nothing] }],
    "createConsumer: handlers[0] must be made with on, onBatch, reply or onAny",
  ],
  [
    "a stall that no timer can measure",
    () => [connection, { queue: "q", handlers, stalledAfterMs: Infinity }],
    "createConsumer: stalledAfterMs must be false, or must be a whole number from 1 to 2147483647, not Infinity",
  ],
])("createConsumer with %s is INVALID_OPTION", (_what, given, ...problems) => {
  expect(problemsOf(() => make(...given()))).toEqual(problems);
});

type Call = (consumer: Consumer) => unknown;

test.each<[call: string, misuse: Call, problem: string]>([
  ["stop", (it) => it.stop(null as never), "stop: options must be an object, not null"],
  ["stop", (it) => it.stop({ timeout: 5 } as never), 'Did you mean "timeoutMs"?'],
  ["idle", (it) => it.idle(null as never), "idle: options must be an object, not null"],
  ["idle", (it) => it.idle({ timeoutMs: 5 } as never), 'idle: unknown option "timeoutMs"'],
  [
    "idle",
    (it) => it.idle({ signal: new AbortController() } as never),
    "idle: signal must be an AbortSignal, not an object",
  ],
  ["setPrefetch", (it) => it.setPrefetch("9" as never), "prefetch must be a whole number"],
  ["concurrency", (it) => (it.concurrency = 0), "concurrency must be a whole number"],
])("%s of a consumer refuses what it cannot work with, row %#", async (_call, misuse, problem) => {
  await using world = await createWorld(broker.url);
  const consumer = await world.started({ handlers: [on(world.Order, nothing)] });
  const thrown: unknown = await (async () => misuse(consumer))().then(
    () => expect.unreachable("it was accepted"),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(WarrenError);
  expect(thrown).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining(problem) });
  expect(consumer.state.kind).toBe("consuming");
});

test.each<[what: string, orderBy: (order: Order) => unknown, reason: string]>([
  ["a promise", async ({ id }) => id, "orderBy must give a text, not a promise: it cannot be async"],
  ["nothing", nothing, "orderBy must give a text, not undefined"],
  ["an object", ({ id }) => ({ id }), "orderBy must give a text, not an object"],
])("an orderBy that gives %s dead-letters the message and says so", async (_what, orderBy, reason) => {
  await using world = await createWorld(broker.url, { singleActiveConsumer: true });
  using delivered = recorded<unknown>(diagnostics.deliver);
  await world.started({ handlers: [on(world.Order, nothing, { orderBy: orderBy as never })] });
  await world.order("a");
  const [dead] = await world.take(1);
  expect(dead!.properties.headers).toMatchObject({
    "x-warren-error-code": "HANDLER_FAILED",
    "x-warren-error-message": reason,
  });
  expect(delivered.items).toEqual([]);
});
