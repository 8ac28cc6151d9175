import { markPermanent, requeue } from "@warren/message";
import { expect, test } from "vitest";
import { resolveConsumerOptions } from "./consumer-options.ts";
import type { Decision } from "./decision.ts";
import { delivered } from "./delivery.test-support.ts";
import type { Failure } from "./failure.ts";
import { on, reply } from "./handler.ts";
import type { Replier } from "./replier.ts";
import { Runner } from "./runner.ts";
import { orderMessage, Seen } from "./world.test-support.ts";

const order = {
  properties: { type: "order", contentType: "application/json" },
  body: Buffer.from('{"id":"a"}'),
};
const refuses = (): never => {
  throw new Error("do not look");
};

test("a failure to answer is not answered again", async () => {
  const decisions = new Seen<Decision>();
  let refusals = 0;
  const replier = {
    serve: () => Promise.reject(new Error("boom")),
    refuse: () => {
      refusals++;
      // A second time it never ends, rather than go on for ever without a turn for anything else.
      return refusals > 1 ? new Promise(() => undefined) : Promise.reject(new Error("no channel"));
    },
  } as unknown as Replier;
  const handlers = [reply(orderMessage("orders"), () => undefined)];
  const runner = new Runner(resolveConsumerOptions({ queue: "billing", handlers }), {
    settle: (_delivery, decision) => void decisions.add(decision),
    replier,
  });
  runner.take(delivered({ ...order, properties: { ...order.properties, replyTo: "asker" } }));
  expect(await decisions.until(1)).toMatchObject([{ failure: { reason: "no channel" } }]);
  expect(refusals).toBe(1);
});

test("an outcome that cannot be read is a failure of the handler", async () => {
  const decisions = new Seen<Decision>();
  const outcome = {
    get action() {
      throw new Error("unreadable");
    },
  };
  const handlers = [on(orderMessage("orders"), () => outcome as never)];
  const runner = new Runner(resolveConsumerOptions({ queue: "billing", handlers }), {
    settle: (_delivery, decision) => void decisions.add(decision),
    replier: undefined as never,
  });
  runner.take(delivered(order));
  expect(await decisions.until(1)).toMatchObject([{ failure: { reason: "unreadable" } }]);
});

test("what cannot be looked at is a failure when it is thrown", async () => {
  const decisions = new Seen<Decision>();
  const hostile = new Proxy({}, { get: refuses, has: refuses, getPrototypeOf: refuses });
  const handlers = [on(orderMessage("orders"), () => Promise.reject(hostile as Error))];
  const rules = [{ error: TypeError, action: "ack" }] as const;
  const runner = new Runner(resolveConsumerOptions({ queue: "billing", handlers, rules }), {
    settle: (_delivery, decision) => void decisions.add(decision),
    replier: undefined as never,
  });
  runner.take(delivered(order));
  expect(await decisions.until(1)).toMatchObject([
    { failure: { reason: "what the handler threw cannot be read" } },
  ]);
});

test("a result that cannot be looked at is a failure of the handler", async () => {
  const decisions = new Seen<Decision>();
  const result = new Proxy({}, { get: refuses });
  const handlers = [on(orderMessage("orders"), () => result as never)];
  const runner = new Runner(resolveConsumerOptions({ queue: "billing", handlers }), {
    settle: (_delivery, decision) => void decisions.add(decision),
    replier: undefined as never,
  });
  runner.take(delivered(order));
  expect(await decisions.until(1)).toMatchObject([{ failure: { reason: "do not look" } }]);
});

test.each([
  {
    what: "what cannot be looked at",
    thrown: new Proxy({}, { get: refuses, has: refuses, getPrototypeOf: refuses }),
    reason: "the handler threw something whose message cannot be read",
  },
  { what: "a permanent error", thrown: markPermanent(new Error("never")), reason: "never" },
])("a requester is told of $what that a middleware throws", async ({ thrown, reason }) => {
  const decisions = new Seen<Decision>();
  const refusals = new Seen<Failure>();
  const replier = { refuse: async (_request: unknown, failure: Failure) => void refusals.add(failure) };
  const runner = new Runner(
    resolveConsumerOptions({
      queue: "billing",
      handlers: [reply(orderMessage("orders"), () => undefined)],
      middleware: [() => Promise.reject(thrown)],
    }),
    {
      settle: (_delivery, decision) => void decisions.add(decision),
      replier: replier as unknown as Replier,
    },
  );
  runner.take(delivered({ ...order, properties: { ...order.properties, replyTo: "asker" } }));
  expect(await decisions.until(1)).toEqual([{ kind: "ack" }]);
  expect(refusals.items).toMatchObject([{ reason }]);
});

test("a request that nobody can be answered for is not acknowledged when a middleware throws", async () => {
  const decisions = new Seen<Decision>();
  const runner = new Runner(
    resolveConsumerOptions({
      queue: "billing",
      handlers: [reply(orderMessage("orders"), () => undefined)],
      middleware: [() => Promise.reject(new Error("boom"))],
    }),
    {
      settle: (_delivery, decision) => void decisions.add(decision),
      replier: { refuse: () => Promise.resolve() } as unknown as Replier,
    },
  );
  runner.take(delivered(order));
  expect(await decisions.until(1)).toMatchObject([{ kind: "dead-letter", failure: { reason: "boom" } }]);
});

test("a handler's requeue() is not taken for what no handler has seen", async () => {
  const decisions = new Seen<Decision>();
  const handlers = [on(orderMessage("orders"), () => requeue())];
  const runner = new Runner(resolveConsumerOptions({ queue: "billing", handlers }), {
    settle: (_delivery, decision) => void decisions.add(decision),
    replier: undefined as never,
  });
  runner.take(delivered(order));
  expect(await decisions.until(1)).toEqual([{ kind: "requeue" }]);
});
