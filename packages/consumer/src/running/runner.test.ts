import { codecs, type Delivery, markPermanent, type Middleware, type Next, requeue } from "@warren/message";
import { expect, test, vi } from "vitest";
import type { ConfirmedPublishes, PublishTerms } from "../moving/confirmed-publishes.ts";
import { resolveConsumerOptions } from "../consumer-options.ts";
import type { Decision } from "../handling/decision.ts";
import { delivered } from "../delivery.test-support.ts";
import type { Failure } from "../handling/failure.ts";
import { type Handler, on, reply } from "../handling/handler.ts";
import { deduplicate } from "../middleware/deduplicate.ts";
import { Replier } from "../handling/replier.ts";
import { Runner } from "./runner.ts";
import { orderMessage, Seen } from "../world.test-support.ts";

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

const returns = (returned: unknown): Handler => on(orderMessage("orders"), () => returned as never);
const madeByNone = "which none of ack(), retry(), deadLetter() and requeue() made";

test.each<{ what: string; returned: unknown; warning: string; decision: object }>([
  { what: "a number", returned: 3, warning: "a number; that counts as ack()", decision: { kind: "ack" } },
  {
    what: "a row of a database",
    returned: { id: 7, name: "secret" },
    warning: "an object with the properties id, name; that counts as ack()",
    decision: { kind: "ack" },
  },
  {
    what: "a misspelt decision",
    returned: { action: "retyr", reason: "busy" },
    warning: `an object with the properties action, reason and the action "retyr", ${madeByNone}; the message is dead-lettered`,
    decision: { kind: "dead-letter", failure: { code: "HANDLER_FAILED" } },
  },
  {
    what: "a row whose action is one of ours",
    returned: { id: 7, action: "requeue" },
    warning: `an object with the properties id, action and the action "requeue", ${madeByNone}; the message is dead-lettered`,
    decision: { kind: "dead-letter", failure: { code: "HANDLER_FAILED" } },
  },
])(
  "$what that a handler returns is neither handled again nor lost, and warned of once",
  async ({ returned, warning, decision }) => {
    const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    try {
      for (const middleware of [[], [deduplicate({ withoutKey: "handle" })]]) {
        const decisions = new Seen<Decision>();
        const options = resolveConsumerOptions({
          queue: "billing",
          handlers: [returns(returned)],
          middleware,
        });
        const runner = new Runner(
          { ...options, retrySteps: [{ delayMs: 5, queue: "billing.retry" }] },
          { settle: (_delivery, made) => void decisions.add(made), replier: undefined as never },
        );
        runner.take(delivered(order));
        runner.take(delivered(order));
        expect(await decisions.until(2)).toMatchObject([decision, decision]);
        expect(warnings.mock.calls.map(([text]) => text)).toEqual([
          `the handler of "order" returned ${warning}. Return nothing, or one of ack(), retry(), deadLetter() and requeue().`,
        ]);
        warnings.mockClear();
      }
    } finally {
      warnings.mockRestore();
    }
  },
);

test("nothing returned, or null, is an ack without a word", async () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  try {
    for (const returned of [undefined, null]) {
      const decisions = new Seen<Decision>();
      const options = resolveConsumerOptions({ queue: "billing", handlers: [returns(returned)] });
      const runner = new Runner(options, {
        settle: (_delivery, made) => void decisions.add(made),
        replier: undefined as never,
      });
      runner.take(delivered(order));
      expect(await decisions.until(1)).toEqual([{ kind: "ack" }]);
    }
    expect(warnings).not.toHaveBeenCalled();
  } finally {
    warnings.mockRestore();
  }
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

test.each<{ what: string; middleware: (delivery: Delivery, next: Next) => unknown }>([
  { what: "in time", middleware: async (delivery, next) => void (await next(delivery)) },
  { what: "before its handler is done", middleware: async (delivery, next) => void next(delivery) },
  { what: "without a promise", middleware: (delivery, next) => void next(delivery) },
])("a middleware that returns nothing, $what, is a failure and no ack", async ({ middleware }) => {
  const decisions = new Seen<Decision>();
  const options = resolveConsumerOptions({
    queue: "billing",
    handlers: [on(orderMessage("orders"), () => requeue())],
    middleware: [middleware as Middleware],
  });
  const runner = new Runner(options, {
    settle: (_delivery, decision) => void decisions.add(decision),
    replier: undefined as never,
  });
  runner.take(delivered(order));
  expect(await decisions.until(1)).toMatchObject([
    {
      kind: "dead-letter",
      failure: {
        code: "HANDLER_FAILED",
        reason: expect.stringContaining("it has to end with: return next(delivery)"),
      },
    },
  ]);
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

test("a request that cannot be handled is answered before it is settled, and not tried again afterwards", async () => {
  const decisions = new Seen<Decision>();
  const tries: (() => boolean)[] = [];
  const publishes = {
    publish(_answer: unknown, { wanted }: PublishTerms) {
      expect(wanted()).toBe(true);
      tries.push(wanted);
      return new Promise(() => undefined);
    },
  };
  const handlers = [reply(orderMessage("orders"), () => undefined)];
  const runner = new Runner(resolveConsumerOptions({ queue: "billing", handlers }), {
    settle: (delivery, decision) => {
      delivery.state = "settled";
      decisions.add(decision);
    },
    replier: new Replier(publishes as unknown as ConfirmedPublishes, codecs()),
  });
  const unreadable = { ...order, body: Buffer.from('{"id":7}') };
  runner.take(delivered({ ...unreadable, properties: { ...order.properties, replyTo: "asker" } }));
  expect(await decisions.until(1)).toMatchObject([
    { kind: "dead-letter", failure: { code: "SCHEMA_FAILED" } },
  ]);
  expect(tries.map((wanted) => wanted())).toEqual([false]);
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
