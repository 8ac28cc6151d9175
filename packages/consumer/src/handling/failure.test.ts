import { expect, test } from "vitest";
import { failureFor, failureOf, stackOf } from "./failure.ts";

const noText = Object.create(null) as string;

test("a reason that is no text is told by the error beside it, or as missing", () => {
  expect(failureFor(undefined as never, undefined, "HANDLER_FAILED").reason).toBe(
    "the handler gave no reason in words",
  );
  expect(failureFor(noText, new RangeError("boom"), "HANDLER_FAILED").reason).toBe("RangeError: boom");
});

test("an error whose message cannot become a text is a failure like any other", () => {
  const failure = {
    code: "HANDLER_FAILED",
    reason: "the handler threw something whose message cannot be read",
  };
  expect(failureOf(Object.assign(new Error("x"), { message: noText }))).toEqual(failure);
  expect(failureOf(Object.assign(new Error("x"), { name: Symbol("x") }))).toEqual(failure);
});

test("a stack that is no text, or throws, is none", () => {
  const throwing = Object.defineProperty(new Error("x"), "stack", {
    get: () => {
      throw new Error("no stack");
    },
  });
  for (const error of [Object.assign(new Error("x"), { stack: [1, 2] }), throwing])
    expect(stackOf({ code: "HANDLER_FAILED", reason: "boom", error })).toBeUndefined();
});
