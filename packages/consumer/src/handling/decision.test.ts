import { ack, deadLetter, DeliveryError, markPermanent, requeue, retry } from "@warren/message";
import { describe, expect, it } from "vitest";
import { decide, decideThrown } from "./decision.ts";
import { delivered } from "../delivery.test-support.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import type { ErrorRule } from "./error-rule.ts";

const ladder = [
  { delayMs: 100, queue: "billing.retry.100" },
  { delayMs: 1_000, queue: "billing.retry.1000" },
];

function attempt(number: number): IncomingDelivery {
  return delivered({ properties: { headers: { "x-warren-attempt": number - 1 } } });
}

describe("decide", () => {
  it("acknowledges when the handler returned nothing or ack()", () => {
    expect(decide(undefined, attempt(1), ladder)).toEqual({ kind: "ack" });
    expect(decide(ack(), attempt(1), ladder)).toEqual({ kind: "ack" });
  });

  it("takes the step of the attempt, and the dead-letter queue after the last", () => {
    const decisions = [1, 2, 3, 7].map((number) =>
      decide(retry({ reason: "busy" }), attempt(number), ladder),
    );
    expect(decisions.map((each) => (each.kind === "retry" ? each.step.queue : each.kind))).toEqual([
      "billing.retry.100",
      "billing.retry.1000",
      "dead-letter",
      "dead-letter",
    ]);
  });

  it("rounds a delay up to a step, whatever the attempt", () => {
    for (const number of [1, 2])
      expect(decide(retry({ delayMs: 101, reason: "busy" }), attempt(number), ladder)).toMatchObject({
        step: ladder[1],
      });
    expect(decide(retry({ delayMs: 0, reason: "busy" }), attempt(2), ladder)).toMatchObject({
      step: ladder[0],
    });
  });

  it("dead-letters a retry that would have to wait longer than the last step, and says so", () => {
    expect(decide(retry({ delayMs: 1_001, reason: "busy" }), attempt(1), ladder)).toMatchObject({
      kind: "dead-letter",
      failure: {
        code: "HANDLER_FAILED",
        reason: "retry after 1001 ms was asked for, but the longest step of the queue is 1000 ms. busy",
      },
    });
  });

  it("keeps the reason of a dead letter, and the code of the error beside it", () => {
    const error = new DeliveryError("HANDLER_TIMEOUT", "too slow");
    expect(decide(deadLetter("no use", error), attempt(1), ladder)).toEqual({
      kind: "dead-letter",
      failure: { code: "HANDLER_TIMEOUT", reason: "no use", error },
    });
    expect(decide(requeue(), attempt(1), ladder)).toEqual({ kind: "requeue" });
  });

  it("tells a dead letter on purpose from a failure, whatever error of the program stands beside it", () => {
    const purpose = { kind: "dead-letter", failure: { code: "HANDLER_REJECTED", reason: "no use" } };
    expect(decide(deadLetter("no use"), attempt(1), ladder)).toEqual(purpose);
    expect(decide(deadLetter("no use", new Error("boom")), attempt(1), ladder)).toMatchObject(purpose);
    expect(decide(retry({ reason: "busy" }), attempt(3), ladder)).toMatchObject({
      kind: "dead-letter",
      failure: { code: "HANDLER_FAILED", reason: "busy" },
    });
  });
});

class NotFound extends Error {}
class Busy extends Error {
  retryAfterMs = 900;
}

describe("decideThrown", () => {
  const rules: readonly ErrorRule[] = [
    { error: NotFound, action: "dead-letter" },
    { error: Busy, when: (error: Busy) => error.retryAfterMs > 1_000, action: "dead-letter" },
    { error: Busy, action: "retry", delayMs: 500 },
    { error: RangeError, action: "ack" },
  ];

  it("retries, unless the error is marked permanent", () => {
    expect(decideThrown(new Error("down"), attempt(1), ladder, [])).toMatchObject({
      kind: "retry",
      failure: { code: "HANDLER_FAILED", reason: "down" },
    });
    expect(decideThrown(markPermanent(new Error("never")), attempt(1), ladder, []).kind).toBe("dead-letter");
  });

  it("follows the first rule that fits", () => {
    expect(decideThrown(new NotFound("x"), attempt(1), ladder, rules).kind).toBe("dead-letter");
    expect(decideThrown(new Busy(), attempt(1), ladder, rules)).toMatchObject({
      kind: "retry",
      step: ladder[1],
    });
    expect(decideThrown(new RangeError(), attempt(1), ladder, rules).kind).toBe("ack");
    expect(decideThrown(new TypeError("x"), attempt(1), ladder, rules).kind).toBe("retry");
  });

  it("passes over a rule whose condition throws", () => {
    const broken: ErrorRule = {
      error: Error,
      when: () => {
        throw new Error("oops");
      },
      action: "ack",
    };
    expect(decideThrown(new Error("x"), attempt(1), ladder, [broken]).kind).toBe("retry");
  });

  it.each([
    { thrown: "out of stock", reason: "the handler threw out of stock" },
    { thrown: null, reason: "the handler threw an object" },
    { thrown: undefined, reason: "the handler threw something of the type undefined" },
  ])("gives a reason for $thrown, which is no error", ({ thrown, reason }) => {
    expect(decideThrown(thrown, attempt(3), ladder, [])).toMatchObject({
      kind: "dead-letter",
      failure: { code: "HANDLER_FAILED", reason },
    });
  });
});
