import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

const backoff = { baseMs: 100, maxMs: 1_000 };

test("the ceiling doubles with each attempt up to the maximum", () => {
  const ceilings = [0, 1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(attempt, backoff, () => 1));
  expect(ceilings).toEqual([0, 100, 200, 400, 800, 1_000, 1_000]);
});

test("every pause lies between nothing and its ceiling", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const pause = backoffMs(attempt, backoff, () => random);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(backoff.maxMs);
      },
    ),
  );
});
