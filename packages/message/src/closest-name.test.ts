import { expect, test } from "vitest";
import { closestName, didYouMean, unknownName } from "./closest-name.ts";
import { quickestMs } from "./quickest.test-support.ts";

const known = ["prefetch", "concurrency", "handlers", "queue"];

test.each([
  ["prefech", "prefetch"],
  ["perfetch", "prefetch"],
  ["Concurency", "concurrency"],
  ["handler", "handlers"],
])("%s was meant to be %s", (name, meant) => {
  expect(closestName(name, known)).toBe(meant);
  expect(didYouMean(name, known)).toBe(` Did you mean "${meant}"?`);
});

const durations = ["connectTimeoutMs", "rpcTimeoutMs", "heartbeatSeconds", "frameMax", "retry", "queue"];

test.each([
  ["heartbeat", '"heartbeatSeconds"'],
  ["heartbeatMs", '"heartbeatSeconds"'],
  ["retries", '"retry"'],
  ["maxRetries", '"retry"'],
  ["timeout", '"connectTimeoutMs" or "rpcTimeoutMs"'],
  ["queue_name", '"queue"'],
  ["fra", '"frameMax"'],
])("%s, near to no spelling, was meant to be what shares its words", (name, meant) => {
  expect(didYouMean(name, durations)).toBe(` Did you mean ${meant}?`);
});

test("a word that is in many of the names, and a beginning of two letters, mean none of them", () => {
  const many = ["aTimeoutMs", "bTimeoutMs", "cTimeoutMs", "dTimeoutMs", "eTimeoutMs"];
  expect(didYouMean("timeout", many)).toBe("");
  expect(didYouMean("fr", durations)).toBe("");
  expect(didYouMean("ms", durations)).toBe("");
});

test("where no name is near, those that there are are told, if they are few", () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
  expect(unknownName("option", "colour", names(1))).toBe('unknown option "colour"; there is n0');
  expect(unknownName("option", "colour", names(3))).toBe('unknown option "colour"; there are n0, n1 and n2');
  expect(unknownName("option", "colour", names(12))).toContain("n10 and n11");
  expect(unknownName("option", "colour", names(13))).toBe('unknown option "colour"');
  expect(unknownName("option", "colour", [])).toBe('unknown option "colour"');
  expect(unknownName("key", "prefech", known)).toBe('unknown key "prefech". Did you mean "prefetch"?');
});

test("a name that is near to nothing gets no suggestion", () => {
  expect(didYouMean("timeout", known)).toBe("");
  expect(didYouMean("", known)).toBe("");
});

test("S22 a name of 100 KB from the wire costs no time", () => {
  const name = "a".repeat(100_000);
  const known = Array.from({ length: 1_000 }, (_, index) => name + index);
  expect(didYouMean(name, known)).toBe("");
  expect(quickestMs(() => didYouMean(name, known))).toBeLessThan(50);
});
