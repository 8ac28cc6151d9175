import { ConfigError } from "@warren/message";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineTopology } from "./define-topology.ts";

/** Every option that there is, each with a value that fits somewhere. */
const whole = {
  exchanges: {
    orders: {
      type: "topic",
      durable: true,
      autoDelete: false,
      internal: false,
      alternateExchange: "lost",
      bindings: [{ exchange: "lost", routingKey: "#", arguments: { "x-match": "all" } }],
      arguments: { a: 1 },
    },
    lost: { type: "fanout" },
  },
  queues: {
    billing: {
      type: "quorum",
      durable: true,
      bindings: [{ exchange: "orders", routingKey: "a.*", arguments: {} }],
      retry: { delaysMs: [1_000, 2_000] },
      deadLetter: { queue: "graves" },
      maxLength: 10,
      overflow: "reject-publish",
      arguments: { a: 1 },
    },
    other: { deadLetter: { exchange: "lost", routingKey: "k" }, retry: false },
    replies: { type: "classic", durable: false, exclusive: true, autoDelete: true, lazy: true },
    events: { type: "stream", maxAge: "1D" },
  },
  policies: { limits: { pattern: ".*", applyTo: "queues", definition: { "max-length": 1 }, priority: 1 } },
};

type Path = readonly (string | number)[];

/** The path of every value in it, its own included. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))
      : [];
  return [path, ...inner];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return by;
  const copy: Record<string, unknown> = { ...value };
  copy[key] = replaced(copy[key], rest, by);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

const anything = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    true,
    false,
    "",
    "x",
    0,
    -1,
    1.5,
    Number.NaN,
    Infinity,
    [],
    {},
    [null],
    [[]],
  ),
  fc.constantFrom(10n, Symbol("s"), () => undefined, new Date(0), new Map(), [undefined], { toString: null }),
  fc.constantFrom({ queue: 3 }, { exchange: [] }, { delaysMs: null }, { a: { b: null } }, [{ exchange: {} }]),
  fc.anything({ maxDepth: 3, withNullPrototype: true }),
);

test("whatever stands at whatever places, it is a topology or a ConfigError says why not", () => {
  const place = fc.record({ path: fc.constantFrom(...pathsOf(whole)), by: anything });
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 3 }), (places) => {
      let definition: unknown = whole;
      for (const { path, by } of places) definition = replaced(definition, path, by);
      try {
        defineTopology(definition as object);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("the whole of it is a topology", () => {
  expect(Object.keys(defineTopology(whole as object).queues)).toEqual([
    "billing",
    "other",
    "replies",
    "events",
  ]);
});

test("a queue is wrong in many ways, and all are told", () => {
  const definition: object = {
    queues: {
      billing: { type: "quorun", retry: { delays: [1] }, deadLetter: { queue: 3 }, prefetch: 3 },
    },
  };
  expect(() => defineTopology(definition)).toThrow(
    expect.objectContaining({
      problems: [
        `queues.billing.type: must be "quorum" or "classic" or "stream", not "quorun"`,
        expect.stringContaining(`queues.billing: unknown option "prefetch"`),
        "queues.billing.deadLetter.queue: must be a text of at most 255 bytes, not 3",
        `queues.billing.retry: unknown option "delays". Did you mean "delaysMs"?`,
        "queues.billing.retry: needs delaysMs, for example [1_000, 10_000]",
      ],
    }) as Error,
  );
});
