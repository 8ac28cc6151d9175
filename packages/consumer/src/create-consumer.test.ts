import { defineTopology } from "@warren/connection";
import { ConfigError, defineMessage } from "@warren/message";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { on, onAny, onBatch } from "./handling/handler.ts";
import { resolveConsumerOptions, type ConsumerOptions } from "./consumer-options.ts";
import { deduplicate } from "./middleware/deduplicate.ts";
import { timeout } from "./middleware/timeout.ts";
import { traceContext } from "./middleware/trace-context.ts";

const OrderPlaced = defineMessage({
  type: "order.placed",
  exchange: "orders",
  routingKey: "order.placed.{region}",
  schema: z.object({ region: z.string(), at: z.string().transform((text) => new Date(text)) }),
});
const UserGone = defineMessage({
  type: "user.gone",
  exchange: "users",
  routingKey: "user.gone",
  schema: z.object({ id: z.string() }),
});

const topology = defineTopology({
  exchanges: { orders: { type: "topic" }, users: { type: "topic" } },
  queues: {
    billing: { bindings: [{ exchange: "orders", routingKey: "order.placed.*" }] },
    shipping: { bindings: [{ exchange: "orders", routingKey: "order.shipped" }] },
    log: { type: "stream" },
  },
});
const { billing, shipping, log } = topology.queues;

function problemsOf(options: ConsumerOptions): readonly string[] {
  try {
    resolveConsumerOptions(options);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
}

describe("createConsumer", () => {
  const handlers = [on(OrderPlaced, () => undefined)];

  it("needs no connection to say what is wrong, and lists all of it", () => {
    const options = { queue: billing, handlers, concurency: 3, prefetch: 0, rules: {} };
    expect(problemsOf(options as never)).toEqual([
      'createConsumer: unknown option "concurency". Did you mean "concurrency"?',
      "createConsumer: prefetch must be a whole number from 1 to 65535, not 0",
      "createConsumer: rules must be an array, not an object",
    ]);
  });

  it("[C15] refuses a prefetch of 0 and one that a quorum queue does not take", () => {
    expect(problemsOf({ queue: billing, handlers, prefetch: 2_001 })).toEqual([
      "createConsumer: prefetch 2001 is more than the 2000 that a quorum queue takes",
    ]);
    expect(problemsOf({ queue: "billing", handlers, prefetch: 2_001 })).toEqual([]);
  });

  it("takes twice the concurrency as prefetch, at least a batch, at most what the queue takes", () => {
    const prefetch = (options: Partial<ConsumerOptions>): number =>
      resolveConsumerOptions({ queue: billing, handlers, ...options }).prefetch;
    expect(prefetch({})).toBe(20);
    expect(prefetch({ concurrency: 5_000 })).toBe(2_000);
    const batch = {
      handlers: [onBatch(OrderPlaced, () => undefined)],
      batch: { maxSize: 100, maxWaitMs: 10 },
    };
    expect(prefetch({ ...batch, concurrency: 1 })).toBe(100);
  });

  it("refuses a handler whose message cannot reach the queue", () => {
    expect(problemsOf({ queue: shipping, handlers })).toEqual([
      'createConsumer: "order.placed" cannot reach the queue "shipping": nothing binds it to the exchange "orders" with a key like "order.placed.*"',
    ]);
    expect(problemsOf({ queue: billing, handlers: [on(UserGone, () => undefined) as never] })).toHaveLength(
      1,
    );
  });

  it("refuses combinations that cannot work", () => {
    const batched = onBatch(OrderPlaced, () => undefined);
    const any = onAny(() => undefined);
    expect(problemsOf({ queue: billing, handlers: [] })).toHaveLength(1);
    expect(problemsOf({ queue: billing, handlers: [batched] })).toEqual([
      "createConsumer: onBatch needs the option batch: { maxSize, maxWaitMs }",
    ]);
    expect(problemsOf({ queue: billing, handlers, batch: { maxSize: 1, maxWaitMs: 1 } })).toHaveLength(1);
    expect(
      problemsOf({ queue: billing, handlers: [batched, any], batch: { maxSize: 1, maxWaitMs: 1 } }),
    ).toHaveLength(1);
    expect(
      problemsOf({ queue: billing, handlers: [batched], prefetch: 5, batch: { maxSize: 10, maxWaitMs: 1 } }),
    ).toEqual(["createConsumer: prefetch is below batch.maxSize, so no batch could be full"]);
    expect(problemsOf({ queue: billing, handlers: [any, any, ...handlers, ...handlers] })).toEqual([
      "createConsumer: handlers has onAny twice",
      'createConsumer: handlers has two for the type "order.placed"',
    ]);
    expect(problemsOf({ queue: billing, handlers, offset: "first" })).toHaveLength(1);
    expect(problemsOf({ queue: log, handlers: [any], offset: "first" })).toEqual([]);
    expect(problemsOf({ queue: log, handlers: [any], offset: -1 })).toHaveLength(1);
    expect(problemsOf({ queue: billing, handlers, deadLetter: { queue: "x" } })).toHaveLength(1);
    expect(problemsOf({ queue: "billing", handlers, deadLetter: { que: "x" } as never })).toEqual([
      "createConsumer: deadLetter must be { queue } or { exchange, routingKey? }, not an object",
    ]);
    expect(
      problemsOf({
        queue: billing,
        handlers: [on(OrderPlaced, () => undefined, { orderBy: ({ region }) => region })],
        maxBlockedMs: 1_800_000,
      }),
    ).toEqual(["createConsumer: maxBlockedMs must be below consumerTimeoutMs"]);
  });

  it("says what is missing or of another shape, all at once", () => {
    const problems = (options: unknown): readonly string[] => problemsOf(options as never);
    expect(problems(undefined)).toEqual([
      "createConsumer: queue is missing; a topology without that queue gives nothing",
      "createConsumer: handlers is missing",
    ]);
    expect(problems({ queue: undefined, handlers: "all", batch: { maxSize: 0 }, prefetch: -1 })).toEqual([
      "createConsumer: queue is missing; a topology without that queue gives nothing",
      'createConsumer: handlers must be an array, not "all"',
      "createConsumer: prefetch must be a whole number from 1 to 65535, not -1",
      "createConsumer: batch: maxSize must be a whole number from 1 to 65535, not 0",
    ]);
    expect(problems(null)).toHaveLength(1);
    expect(problems({ queue: "", handlers })).toEqual([
      'createConsumer: queue must be a queue of a topology (topology.queues.q) or its name, not ""',
    ]);
    expect(problems({ queue: { name: "x" }, handlers })).toEqual([
      "createConsumer: queue must be a queue of a topology (topology.queues.q) or its name, not an object",
    ]);
    expect(problems({ queue: billing, handlers: [undefined, () => undefined, ...handlers] })).toEqual([
      "createConsumer: handlers[0] must be made with on, onBatch, reply or onAny",
      "createConsumer: handlers[1] must be made with on, onBatch, reply or onAny",
    ]);
    expect(problems({ queue: billing, handlers, middleware: [undefined] })).toEqual([
      "createConsumer: middleware[0] must be a function",
    ]);
    expect(problems({ queue: billing, handlers, middleware: [timeout, deduplicate, traceContext] })).toEqual([
      "createConsumer: middleware[0] must be what timeout(…) gives, not timeout itself",
      "createConsumer: middleware[1] must be what deduplicate(…) gives, not deduplicate itself",
      "createConsumer: middleware[2] must be what traceContext(…) gives, not traceContext itself",
    ]);
    expect(
      problems({
        queue: billing,
        handlers,
        rules: [{ error: Error, action: "retry", delayMs: "5", when: 1 }],
      }),
    ).toEqual([
      "createConsumer: rules[0].when must be a function",
      "createConsumer: rules[0].delayMs must be a whole number from 0 to 2147483647",
    ]);
  });

  it("waits a while for a batch to fill unless told how long, and must be told its size", () => {
    const batched = [onBatch(OrderPlaced, () => undefined)];
    expect(
      resolveConsumerOptions({ queue: billing, handlers: batched, batch: { maxSize: 10 } }).batch,
    ).toEqual({
      maxSize: 10,
      maxWaitMs: 100,
    });
    expect(problemsOf({ queue: billing, handlers: batched, batch: {} as never })).toEqual([
      "createConsumer: batch: maxSize is missing",
    ]);
  });

  it("refuses an exclusive consumer of a quorum queue, and says what to use", () => {
    expect(problemsOf({ queue: billing, handlers, exclusive: true })).toEqual([
      'createConsumer: exclusive does nothing on a quorum queue such as "billing"; give the queue singleActiveConsumer: true in the topology',
    ]);
    expect(problemsOf({ queue: "billing", handlers, exclusive: true })).toEqual([]);
  });

  it("refuses rules that are none", () => {
    const rules = [{ error: "Error", action: "retry" }, { error: Error, action: "drop", delayMs: 5 }, null];
    expect(problemsOf({ queue: billing, handlers, rules: rules as never })).toEqual([
      "createConsumer: rules[0].error must be a class",
      'createConsumer: rules[1].action must be "ack", "retry" or "dead-letter"',
      'createConsumer: rules[1].delayMs is for the action "retry"',
      "createConsumer: rules[2].error must be a class",
    ]);
  });
});
