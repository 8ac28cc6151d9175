import { expect, test, vi } from "vitest";
import {
  ack,
  type Acknowledgement,
  deadLetter,
  isAcknowledgement,
  isPermanent,
  markPermanent,
  requeue,
  retry,
} from "./acknowledgement.ts";

test("each decision says its action and nothing that was not given", () => {
  const told = (acknowledgement: Acknowledgement): unknown =>
    Object.fromEntries(Object.entries(acknowledgement));
  expect(told(ack())).toEqual({ action: "ack" });
  expect(told(requeue())).toEqual({ action: "requeue" });
  expect(told(retry({ reason: "busy" }))).toEqual({ action: "retry", reason: "busy" });
  expect(told(retry({ reason: "busy", delayMs: 5 }))).toEqual({
    action: "retry",
    reason: "busy",
    delayMs: 5,
  });
  expect(told(deadLetter("too old"))).toEqual({ action: "dead-letter", reason: "too old" });
  expect(told(deadLetter("broken", "why"))).toEqual({
    action: "dead-letter",
    reason: "broken",
    error: "why",
  });
});

test("a decision is told from what looks like one, also when it is copied or made by another copy of this package", async () => {
  for (const made of [ack(), requeue(), retry({ reason: "busy" }), deadLetter("too old")]) {
    expect(isAcknowledgement(made)).toBe(true);
    expect(isAcknowledgement({ ...made })).toBe(true);
    expect(isAcknowledgement(Object.fromEntries(Object.entries(made)))).toBe(false);
  }
  for (const other of [undefined, null, 1, "ack", [], ack, new Map()])
    expect(isAcknowledgement(other)).toBe(false);
  vi.resetModules();
  const copy = await import("./acknowledgement.ts");
  expect(copy.ack).not.toBe(ack);
  expect(isAcknowledgement(copy.retry({ reason: "busy" }))).toBe(true);
});

test("the options of retry cannot make it something else", () => {
  const options = { reason: "busy", action: "ack" };
  expect(retry(options).action).toBe("retry");
});

test("an error is permanent once it is marked, and stays the same error", () => {
  const error = new Error("no such customer");
  expect(isPermanent(error)).toBe(false);
  expect(markPermanent(error)).toBe(error);
  expect(isPermanent(markPermanent(error))).toBe(true);
  expect(() => markPermanent("no" as unknown as object)).toThrow(
    "[INVALID_OPTION] markPermanent takes an error object",
  );
  expect(Object.keys(error)).toEqual([]);
});

test("what is no object is never permanent", () => {
  for (const thrown of [undefined, null, "text", 0]) expect(isPermanent(thrown)).toBe(false);
});
