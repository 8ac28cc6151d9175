import { expect, test } from "vitest";
import { republishedHeaders } from "./republished-headers.ts";

const headers = {
  tenant: "eu",
  "x-death": [],
  "x-first-death-queue": "jobs",
  "x-last-death-reason": "rejected",
  "x-delivery-count": 3,
  "x-acquired-count": 3,
  "x-warren-attempt": 3,
  "x-custom": 1,
  CC: ["copies"],
};

test("what the broker and Warren write stays behind, and the CC of what was consumed", () => {
  const { headers: going, leftOut } = republishedHeaders(headers, true);
  expect(going).toEqual({ tenant: "eu", "x-custom": 1 });
  expect([...leftOut, ...Object.keys(going)].toSorted()).toEqual(Object.keys(headers).toSorted());
});

test("the CC of what was never sent is its author's", () => {
  expect(republishedHeaders(headers, false).headers).toEqual({
    tenant: "eu",
    "x-custom": 1,
    CC: ["copies"],
  });
});

test("a header called __proto__ is one", () => {
  const { headers: going } = republishedHeaders(JSON.parse('{"__proto__":"x"}'), false);
  expect(Object.keys(going)).toEqual(["__proto__"]);
});
