import { describe, expect, test } from "vitest";
import { defineTopology } from "./define-topology.ts";
import type { QueueDefinition } from "./definition.ts";

const exchanges = { dead: { type: "direct" }, late: { type: "topic" } } as const;

/** The ways round that the warnings name. */
function circles(queues: Readonly<Record<string, QueueDefinition<"dead" | "late">>>): readonly string[] {
  return defineTopology({ exchanges, queues }).warnings.flatMap(
    ({ path, text }) =>
      /come back to it, (.*?):/
        .exec(text)
        ?.slice(1)
        .map((way) => `${path}: ${way}`) ?? [],
  );
}

describe("a circle of dead letters", () => {
  test("[C26] is named once, from its first queue, through queues", () => {
    expect(
      circles({
        before: { deadLetter: { queue: "a" } },
        a: { deadLetter: { queue: "b" } },
        b: { deadLetter: { queue: "c" } },
        c: { deadLetter: { queue: "a" } },
      }),
    ).toEqual(["queues.a: a → b → c → a"]);
  });

  test("[C26] is found through exchanges, by the key that the dead letter gets", () => {
    const work = { deadLetter: { exchange: "dead", routingKey: "failed" } } as const;
    const waits = (routingKey: string): QueueDefinition<"dead"> => ({
      deadLetter: { queue: "work" },
      bindings: [{ exchange: "dead", routingKey }],
    });
    expect(circles({ work, wait: waits("failed") })).toEqual(["queues.work: work → wait → work"]);
    expect(circles({ work, wait: waits("other") })).toEqual([]);
  });

  test("[C26] is found where a dead letter keeps its key and goes back to where it came from", () => {
    expect(
      circles({
        work: { deadLetter: { exchange: "late" }, bindings: [{ exchange: "late", routingKey: "order.#" }] },
      }),
    ).toEqual(["queues.work: work → work"]);
  });

  test("is none where the dead letters end, nor in a ladder", () => {
    expect(
      circles({
        a: {},
        b: { deadLetter: { queue: "c" } },
        c: { deadLetter: { exchange: "dead", routingKey: "x" } },
        d: { deadLetter: false, bindings: [{ exchange: "dead", routingKey: "x" }] },
      }),
    ).toEqual([]);
  });
});
