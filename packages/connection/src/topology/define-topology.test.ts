import { ConfigError } from "@warren/message";
import { describe, expect, it } from "vitest";
import { defineTopology } from "./define-topology.ts";

/** The problems of a definition that the compiler would refuse as well. */
function problems(definition: object): readonly string[] {
  try {
    defineTopology(definition);
  } catch (error) {
    if (error instanceof ConfigError && error.code === "INVALID_TOPOLOGY") return error.problems;
    throw error;
  }
  return [];
}

const queueProblems = (queue: object): readonly string[] => problems({ queues: { billing: queue } });

describe("what a queue becomes", () => {
  const { declarations, queues } = defineTopology({
    exchanges: { orders: { type: "topic" } },
    queues: { billing: { bindings: [{ exchange: "orders", routingKey: "order.placed.*" }] } },
  });
  const flags = { durable: true, exclusive: false, autoDelete: false };

  it("is quorum, dead-lettered at least once, with a ladder of three steps", () => {
    const step = (delayMs: number): object => ({
      name: `billing.retry.${delayMs}`,
      role: "retry",
      ...flags,
      arguments: {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-message-ttl": delayMs,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "billing",
        "x-dead-letter-strategy": "at-least-once",
      },
    });
    expect(declarations.queues).toEqual([
      {
        name: "billing.dead",
        role: "dead",
        ...flags,
        arguments: {
          "x-queue-type": "quorum",
          "x-overflow": "reject-publish",
          "x-delivery-limit": 1_000_000,
        },
      },
      {
        name: "billing",
        role: "work",
        ...flags,
        arguments: {
          "x-queue-type": "quorum",
          "x-delivery-limit": 20,
          "x-dead-letter-exchange": "",
          "x-dead-letter-routing-key": "billing.dead",
          "x-dead-letter-strategy": "at-least-once",
          "x-overflow": "reject-publish",
        },
      },
      step(1_000),
      step(10_000),
      step(60_000),
    ]);
  });

  it("tells a consumer where to retry and where to give up", () => {
    expect(queues.billing).toEqual({
      name: "billing",
      type: "quorum",
      retrySteps: [
        { delayMs: 1_000, queue: "billing.retry.1000" },
        { delayMs: 10_000, queue: "billing.retry.10000" },
        { delayMs: 60_000, queue: "billing.retry.60000" },
      ],
      deadLetter: { exchange: "", routingKey: "billing.dead", queue: "billing.dead" },
      singleActiveConsumer: false,
      exclusive: false,
      sources: [{ exchange: "orders", exchangeType: "topic", routingKey: "order.placed.*" }],
    });
  });

  it("declares exchanges and bindings as written", () => {
    expect(declarations.exchanges).toEqual([
      { name: "orders", type: "topic", durable: true, autoDelete: false, internal: false, arguments: {} },
    ]);
    expect(declarations.bindings).toEqual([
      {
        source: "orders",
        destination: "billing",
        destinationType: "queue",
        routingKey: "order.placed.*",
        arguments: {},
      },
    ]);
  });

  it("repeats a step that is named twice, and declares its queue once", () => {
    const topology = defineTopology({ queues: { jobs: { retry: { delaysMs: [100, 100, 500] } } } });
    expect(topology.queues.jobs.retrySteps.map((step) => step.queue)).toEqual([
      "jobs.retry.100",
      "jobs.retry.100",
      "jobs.retry.500",
    ]);
    expect(topology.declarations.queues.map((queue) => queue.name)).toEqual([
      "jobs.dead",
      "jobs",
      "jobs.retry.100",
      "jobs.retry.500",
    ]);
  });

  it("has no ladder on a stream, and none and no dead letters where it does not last", () => {
    const topology = defineTopology({
      queues: {
        log: { type: "stream" },
        mine: { type: "classic", exclusive: true },
        brief: { type: "classic", autoDelete: true },
      },
    });
    expect(topology.queues.log).toMatchObject({ retrySteps: [], deadLetter: { queue: "log.dead" } });
    expect(topology.queues.mine).toMatchObject({ retrySteps: [], deadLetter: undefined });
    expect(topology.queues.brief).toMatchObject({ retrySteps: [], deadLetter: undefined });
    expect(topology.declarations.queues.find((queue) => queue.name === "log")?.arguments).toEqual({
      "x-queue-type": "stream",
    });
    expect(topology.declarations.queues.find((queue) => queue.name === "mine")?.durable).toBe(false);
  });

  it("shares a dead-letter queue, one of the user's own too, declared before what points at it", () => {
    const shared = defineTopology({
      queues: {
        a: { retry: false, deadLetter: { queue: "bin" } },
        b: { retry: false, deadLetter: { queue: "bin" } },
      },
    });
    expect(shared.declarations.queues.map((queue) => [queue.name, queue.role])).toEqual([
      ["bin", "dead"],
      ["a", "work"],
      ["b", "work"],
    ]);
    const own = defineTopology({
      queues: {
        a: { retry: false, deadLetter: { queue: "bin" } },
        bin: { retry: false, deadLetter: false, deliveryLimit: 99 },
      },
    });
    expect(own.declarations.queues.map((queue) => [queue.name, queue.role])).toEqual([
      ["bin", "work"],
      ["a", "work"],
    ]);
  });

  it("cannot be changed afterwards, nor through what it was made from", () => {
    const args = { "x-custom": { deep: 1 } };
    const topology = defineTopology({ queues: { billing: { arguments: args } } });
    args["x-custom"].deep = 2;
    const declared = topology.declarations.queues.find((queue) => queue.name === "billing");
    expect(declared?.arguments["x-custom"]).toEqual({ deep: 1 });
    expect(() => Object.assign(topology.queues.billing.retrySteps, { length: 0 })).toThrow(TypeError);
  });
});

describe("wrong use", () => {
  it("is told all at once, each with its path", () => {
    expect(
      problems({
        exchange: {},
        exchanges: { "amq.mine": { type: "topics" } },
        queues: {
          billing: { durabel: true, messageTtlMs: -1, bindings: [{ exchange: "order", routingKey: "#" }] },
        },
      }),
    ).toEqual([
      `topology: unknown option "exchange". Did you mean "exchanges"?`,
      `exchanges.amq.mine: names that begin with "amq." are the broker's own; choose another`,
      `exchanges.amq.mine.type: must be "topic", "direct", "fanout", "headers" or a plugin's "x-…", not "topics"`,
      `queues.billing: unknown option "durabel". Did you mean "durable"?`,
      `queues.billing.messageTtlMs: must be a whole number from 0 to 315360000000, not -1`,
      `queues.billing.bindings[0].exchange: no exchange "order" in this topology. Add it to "exchanges"`,
    ]);
  });

  it("suggests the exchange that was meant", () => {
    expect(
      problems({
        exchanges: { orders: { type: "topic" } },
        queues: {
          billing: { bindings: [{ exchange: "order", routingKey: "#" }], deadLetter: { exchange: "ordres" } },
        },
      }),
    ).toEqual([
      expect.stringContaining(
        `queues.billing.deadLetter.exchange: no exchange "ordres" in this topology. Did you mean "orders"?`,
      ),
      expect.stringContaining(`Did you mean "orders"?`),
    ]);
  });

  it.for([
    ["priority on a quorum queue", { maxPriority: 5 }, `say type: "classic"`],
    ["priority on a stream", { type: "stream", maxPriority: 5 }, "is for classic queues"],
    ["a transient quorum queue", { durable: false }, "always durable"],
    ["a transient classic queue that is shared", { type: "classic", durable: false }, "RabbitMQ 4.3 refuses"],
    ["an exclusive quorum queue", { exclusive: true }, "this is a quorum queue"],
    [
      "retry on an exclusive queue",
      { type: "classic", exclusive: true, retry: { delaysMs: [1] } },
      "may be gone",
    ],
    [
      "retry on an auto-delete queue",
      { type: "classic", autoDelete: true, retry: { delaysMs: [1] } },
      "may be gone",
    ],
    ["retry on a stream", { type: "stream", retry: { delaysMs: [1] } }, "appended to the stream"],
    ["drop-head beside at-least-once dead letters", { overflow: "drop-head" }, "silently"],
    ["reject-publish-dlx on a quorum queue", { overflow: "reject-publish-dlx" }, "is for classic queues"],
    ["no delivery limit", { deliveryLimit: -1 }, "from 0"],
    ["an empty ladder", { retry: { delaysMs: [] } }, "retry: false"],
    [
      "a ladder that goes down",
      { retry: { delaysMs: [10, 5] } },
      "must rise from step to step, or stay the same, not [10, 5]",
    ],
    ["a ladder without steps", { retry: {} }, "needs delaysMs"],
    ["a dead-letter queue that is the queue", { deadLetter: { queue: "billing" } }, "its own"],
    ["two places for dead letters", { deadLetter: { queue: "a", exchange: "amq.direct" } }, "either"],
    ["an argument that has an option", { arguments: { "x-message-ttl": 5 } }, "say messageTtlMs"],
    ["an argument that Warren decides", { arguments: { "x-dead-letter-exchange": "x" } }, "say deadLetter"],
    ["an age without a unit", { type: "stream", maxAge: "7" }, "one of Y M D h m s"],
    [
      "a binding to the default exchange",
      { bindings: [{ exchange: "", routingKey: "x" }] },
      "default exchange",
    ],
    ["a topic binding without a key", { bindings: [{ exchange: "amq.topic" }] }, `"#" takes everything`],
    ["a direct binding without a key", { bindings: [{ exchange: "amq.direct" }] }, "needs a routingKey"],
    [
      "a headers binding with an unknown match",
      { bindings: [{ exchange: "amq.headers", arguments: { "x-match": "some" } }] },
      `"any"`,
    ],
    [
      "a routing key of 256 bytes",
      { bindings: [{ exchange: "amq.topic", routingKey: "x".repeat(256) }] },
      "255 bytes",
    ],
    ["a binding that is a text", { bindings: ["orders"] }, "an object with an exchange"],
    ["a queue that is no object", true, "must be an object"],
  ] as const)("%s is refused", ([, queue, text]) => {
    expect(queueProblems(queue as object)).toEqual([expect.stringContaining(text)]);
  });

  it("each step of a ladder that is wrong is named, and no other", () => {
    expect(queueProblems({ retry: { delaysMs: ["1s", 5, 3, 0] } })).toEqual([
      'queues.billing.retry.delaysMs[0]: must be whole milliseconds from 1 to 315360000000, not "1s"',
      "queues.billing.retry.delaysMs[3]: must be whole milliseconds from 1 to 315360000000, not 0",
    ]);
  });

  it.for([
    ["that is empty", "", "needs a name"],
    ["with a reserved prefix", "amq.gen", "the broker's own"],
    ["of 256 bytes", "x".repeat(256), "256 bytes"],
    ["with a line break", "a\nb", "control character"],
    ["with no room for .retry.1000", "é".repeat(125), "it needs a queue"],
  ] as const)("a queue name %s is refused", ([, name, text]) => {
    expect(problems({ queues: { [name]: {} } }).join("\n")).toContain(text);
  });

  it("finds a queue that has the name of another one's retry or dead-letter queue", () => {
    expect(problems({ queues: { a: {}, "a.dead": { deadLetter: false, retry: false } } })).toEqual([
      expect.stringContaining(`deadLetter: { queue: "a.dead" }`),
    ]);
    expect(problems({ queues: { a: {}, "a.retry.1000": { deadLetter: false, retry: false } } })).toEqual([
      expect.stringContaining(`its retry queue "a.retry.1000" is also defined`),
    ]);
    expect(problems({ queues: { a: {}, b: { deadLetter: { queue: "a.retry.1000" } } } })).toEqual([
      expect.stringContaining("is the name of a retry queue"),
    ]);
  });

  it("does not take names from Object.prototype for options or exchanges", () => {
    expect(queueProblems({ constructor: 1 })).toEqual([
      expect.stringContaining(`unknown option "constructor"`),
    ]);
    expect(queueProblems({ bindings: [{ exchange: "toString", routingKey: "#" }] })).toEqual([
      expect.stringContaining(`no exchange "toString"`),
    ]);
    const odd = defineTopology({ queues: { constructor: {}, ["__proto__"]: { retry: false } } });
    expect(Object.keys(odd.queues)).toEqual(["constructor", "__proto__"]);
  });
});

describe("warnings", () => {
  const about = (definition: Parameters<typeof defineTopology>[0]): string =>
    defineTopology(definition)
      .warnings.map(({ path, text }) => `${path}: ${text}`)
      .join("\n");

  it("[B22] name what is legal and will surprise", () => {
    expect(about({ queues: { billing: { maxLength: 10 } } })).toContain("three minutes");
    expect(about({ queues: { billing: { expiresMs: 10 } } })).toContain("expiresMs");
    expect(about({ queues: { billing: { deadLetter: false } } })).toContain("dropped after its last attempt");
    expect(about({ queues: { billing: { type: "classic", lazy: true } } })).toContain("refused by 4.3");
    expect(about({ queues: { billing: {} } })).toContain("feature flag stream_queue");
    expect(about({ queues: { billing: {} } })).toContain("write permission on amq.default");
    expect(about({ policies: { ha: { pattern: ".*", definition: {} } } })).toContain("not applied");
  });

  it("find patterns that stand for nothing", () => {
    expect(
      about({ queues: { a: { bindings: [{ exchange: "amq.topic", routingKey: "order.pl*" }] } } }),
    ).toContain("literally");
    expect(
      about({ queues: { a: { bindings: [{ exchange: "amq.direct", routingKey: "order.*" }] } } }),
    ).toContain("literally");
    expect(
      about({ queues: { a: { bindings: [{ exchange: "amq.topic", routingKey: "order.*.#" }] } } }),
    ).not.toContain("literally");
  });

  it("are none for a topology that only uses what every version does", () => {
    expect(
      about({
        exchanges: { orders: { type: "topic" } },
        queues: { log: { type: "stream", deadLetter: false } },
      }),
    ).toBe("");
  });
});
