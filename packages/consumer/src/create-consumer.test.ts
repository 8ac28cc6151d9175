import { defineTopology } from "@warren/connection";
import { ConfigError, defineMessage } from "@warren/message";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { on, onAny, onBatch } from "./handler.ts";
import { resolveConsumerOptions, type ConsumerOptions } from "./consumer-options.ts";

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

  it("C15: refuses a prefetch of 0 and one that a quorum queue does not take", () => {
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
