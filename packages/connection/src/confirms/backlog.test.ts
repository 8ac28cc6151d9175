import { expect, test } from "vitest";
import { Backlog } from "./backlog.ts";
import { ExchangeGate } from "./exchange-gate.ts";
import { Outgoing } from "./outgoing.ts";

function outgoing(number: number): Outgoing {
  const content = {
    fields: { exchange: "", routingKey: "q", mandatory: true },
    properties: { messageId: `${number}`, headers: { large: "x".repeat(1_000) } },
    body: Buffer.alloc(1_000),
    bytes: 2_000,
  };
  const terms = { replay: true, confirmTimeoutMs: 1, startedAt: 0, deliverBy: 1 };
  return new Outgoing(number, content, terms, () => undefined);
}

const trusting = new ExchangeGate(
  [""],
  () => Promise.resolve(undefined),
  () => undefined,
);

test("what settles while nothing can be written does not stay, and what has not keeps its order", () => {
  const backlog = new Backlog(trusting);
  const kept: Outgoing[] = [];
  for (let number = 1; number <= 10_000; number++) {
    const one = outgoing(number);
    const isKept = number % 1_000 === 0;
    if (isKept) kept.push(one);
    backlog.push(one, kept.length + (isKept ? 0 : 1));
    if (!isKept) one.settle({ status: "timed-out", stored: "no", messageId: "", afterMs: 1 });
    expect(backlog.heldCount).toBeLessThan(100);
  }
  expect([...backlog]).toEqual(kept);
  expect(backlog.next()).toBe(kept[0]);
});

test("what has settled holds on to neither its body nor its headers", () => {
  const one = outgoing(1);
  one.settle({ status: "timed-out", stored: "no", messageId: "", afterMs: 1 });
  expect([one.body.length, one.properties]).toEqual([0, {}]);
});
