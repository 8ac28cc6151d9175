import { describe, expectTypeOf, it } from "vitest";
import { defineTopology } from "./define-topology.ts";

// The compiler is the test here: every @ts-expect-error must be one. Nothing is run that would throw.
describe("types of defineTopology", () => {
  const topology = defineTopology({
    exchanges: {
      orders: { type: "topic" },
      audit: { type: "fanout" },
    },
    queues: {
      billing: {
        bindings: [{ exchange: "orders", routingKey: "order.placed.*" }],
        retry: { delaysMs: [1_000] },
      },
      log: {
        type: "stream",
        maxAge: "7D",
        bindings: [{ exchange: "audit" }, { exchange: "amq.topic", routingKey: "#" }],
      },
      plain: {},
    },
  });

  it("keep the names of queues and exchanges", () => {
    expectTypeOf(topology.queues.billing.name).toEqualTypeOf<"billing">();
    expectTypeOf(topology.exchanges.orders.name).toEqualTypeOf<"orders">();
    // @ts-expect-error a misspelt queue
    expectTypeOf(() => topology.queues.biling).toBeFunction();
    // @ts-expect-error a misspelt exchange
    expectTypeOf(() => topology.exchanges.order).toBeFunction();
  });

  it("keep the exchanges that feed a queue, and any exchange where it is not bound", () => {
    type Source<Queue> = Queue extends { sources: readonly { exchange: infer Exchange }[] }
      ? Exchange
      : never;
    expectTypeOf<Source<typeof topology.queues.billing>>().toEqualTypeOf<"orders" | "">();
    expectTypeOf<Source<typeof topology.queues.log>>().toEqualTypeOf<"audit" | "amq.topic" | "">();
    expectTypeOf<Source<typeof topology.queues.plain>>().toEqualTypeOf<string>();
  });

  it("allow any source once an exchange passes messages on", () => {
    const passing = defineTopology({
      exchanges: {
        all: { type: "topic" },
        eu: { type: "topic", bindings: [{ exchange: "all", routingKey: "#" }] },
      },
      queues: { billing: { bindings: [{ exchange: "eu", routingKey: "#" }] } },
    });
    expectTypeOf(passing.queues.billing.sources[0]!.exchange).toEqualTypeOf<string>();
    const deadLettering = defineTopology({
      exchanges: { in: { type: "topic" }, failed: { type: "fanout" } },
      queues: {
        work: { bindings: [{ exchange: "in", routingKey: "#" }], deadLetter: { exchange: "failed" } },
        report: { bindings: [{ exchange: "failed" }] },
      },
    });
    expectTypeOf(deadLettering.queues.report.sources[0]!.exchange).toEqualTypeOf<string>();
  });

  it("refuse a misspelt option, also beside options that are right", () => {
    expectTypeOf(() =>
      defineTopology({
        exchanges: {
          // @ts-expect-error durabel
          orders: { type: "topic", durabel: false },
        },
        queues: {
          // @ts-expect-error deadletter
          billing: { deadletter: true, maxLength: 10 },
          other: { retry: false },
        },
      }),
    ).toBeFunction();
    // @ts-expect-error queue
    expectTypeOf(() => defineTopology({ queue: {} })).toBeFunction();
  });

  it("refuse a binding to an undeclared exchange, and an alternate exchange that is none", () => {
    expectTypeOf(() =>
      defineTopology({
        exchanges: {
          // @ts-expect-error no such exchange
          orders: { type: "topic", alternateExchange: "unrouted" },
        },
      }),
    ).toBeFunction();
    expectTypeOf(() =>
      defineTopology({
        exchanges: { orders: { type: "topic" } },
        queues: {
          // @ts-expect-error no such exchange
          billing: { bindings: [{ exchange: "order", routingKey: "#" }] },
          // @ts-expect-error no such exchange
          shipping: { deadLetter: { exchange: "failed" } },
        },
      }),
    ).toBeFunction();
  });

  it("refuse an option of another queue type", () => {
    expectTypeOf(() =>
      defineTopology({
        queues: {
          // @ts-expect-error quorum queues have no x-max-priority
          urgent: { maxPriority: 10 },
          // @ts-expect-error streams have no length in messages
          log: { type: "stream", maxLength: 10 },
          // @ts-expect-error classic queues have no delivery limit
          old: { type: "classic", deliveryLimit: 3 },
          fine: { type: "classic", maxPriority: 10 },
        },
      }),
    ).toBeFunction();
  });

  it("refuse a wrong value", () => {
    expectTypeOf(() =>
      defineTopology({
        exchanges: {
          // @ts-expect-error no such type
          orders: { type: "topics" },
        },
        queues: {
          // @ts-expect-error a number of milliseconds
          billing: { messageTtlMs: "1000" },
          // @ts-expect-error a unit is missing
          log: { type: "stream", maxAge: "7" },
        },
      }),
    ).toBeFunction();
  });
});
