import { expect, test } from "vitest";
import { ack, deadLetter, isPermanent, markPermanent, requeue, retry } from "./acknowledgement.ts";

test("each decision says its action and nothing that was not given", () => {
  expect(ack()).toEqual({ action: "ack" });
  expect(requeue()).toEqual({ action: "requeue" });
  expect(retry({ reason: "busy" })).toEqual({ action: "retry", reason: "busy" });
  expect(retry({ reason: "busy", delayMs: 5 })).toEqual({ action: "retry", reason: "busy", delayMs: 5 });
  expect(deadLetter("too old")).toEqual({ action: "dead-letter", reason: "too old" });
  expect(deadLetter("broken", "why")).toEqual({ action: "dead-letter", reason: "broken", error: "why" });
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
