import { expect, test } from "vitest";
import {
  forwardableHeaders,
  isBrokerHeader,
  isReservedHeader,
  reservedHeaderProblem,
} from "./reserved-headers.ts";

const forged = [
  "x-warren-attempt",
  "x-warren-anything-at-all",
  "x-death",
  "x-first-death-queue",
  "x-last-death-reason",
  "x-delivery-count",
  "x-acquired-count",
];

test.each(forged)("S18 an application cannot forge %s", (name) => {
  expect(isReservedHeader(name)).toBe(true);
  expect(reservedHeaderProblem({ [name]: 1 })).toContain(`headers.${name} is reserved`);
});

test("S18 CC and BCC may be sent, as lists of texts only", () => {
  expect(reservedHeaderProblem({ CC: ["audit"], BCC: [] })).toBeUndefined();
  expect(reservedHeaderProblem({ CC: "audit" })).toBe("headers.CC must be a list of routing keys");
  expect(reservedHeaderProblem({ BCC: ["a", 1] })).toBe("headers.BCC must be a list of routing keys");
});

test("S18 what is forwarded from a delivery neither routes again nor carries old accounts", () => {
  const headers = Object.fromEntries(
    [...forged, "CC", "BCC", "traceparent", "x-tenant"].map((name) => [name, "x"]),
  );
  const forwarded = forwardableHeaders(headers);
  expect(Object.keys(forwarded)).toEqual(["traceparent", "x-tenant"]);
  expect(Object.getPrototypeOf(forwarded)).toBeNull();
});

test("the broker's and Warren's headers are told apart, and others are free", () => {
  expect(isBrokerHeader("x-death")).toBe(true);
  expect(isBrokerHeader("x-warren-attempt")).toBe(false);
  for (const name of ["x-deaths", "x-warrenty", "traceparent", "cc"])
    expect(isReservedHeader(name)).toBe(false);
});
