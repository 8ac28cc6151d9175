import { expect, test } from "vitest";
import { closestName, didYouMean } from "./closest-name.ts";
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
