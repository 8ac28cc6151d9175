import { expect, test } from "vitest";
import { planFaults } from "./fault-plan.ts";

const wanted = { messages: 1_000, brokerKills: 2, clientKills: 3, resets: 4, alarms: 1 };

/** Numbers that look random and are the same each time. */
function fixedRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

test("all faults that were asked for are planned, spread over the messages in ascending order", () => {
  const plan = planFaults(wanted, fixedRandom(7));
  const kinds = plan.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "broker kill -9")).toHaveLength(2);
  expect(kinds.filter((kind) => kind === "client SIGKILL")).toHaveLength(3);
  expect(kinds.filter((kind) => kind === "reset")).toHaveLength(4);
  expect(kinds.filter((kind) => kind === "memory alarm")).toHaveLength(1);
  const places = plan.map(({ atMessage }) => atMessage);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  expect(places.at(-1)).toBeLessThan(wanted.messages);
});

test("a seed gives the same faults each time, and another one gives others", () => {
  expect(planFaults(wanted, fixedRandom(7))).toEqual(planFaults(wanted, fixedRandom(7)));
  expect(planFaults(wanted, fixedRandom(8))).not.toEqual(planFaults(wanted, fixedRandom(7)));
});
