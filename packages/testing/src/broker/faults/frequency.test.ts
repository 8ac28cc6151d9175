import { expect, test } from "vitest";
import { pulse, type Frequency } from "./frequency.ts";

function struck(frequency: Frequency, count: number): readonly number[] {
  const strikesNext = pulse(frequency);
  return Array.from({ length: count }, (_, index) => index + 1).filter(() => strikesNext());
}

test("without a word about it, it happens every time", () => {
  expect(struck({}, 3)).toEqual([1, 2, 3]);
});

test("every third is the third, the sixth and so on", () => {
  expect(struck({ every: 3 }, 10)).toEqual([3, 6, 9]);
});

test("a probability is kept to, and the same seed draws the same", () => {
  const drawn = struck({ probability: 0.2, seed: 7 }, 10_000);
  expect(drawn.length).toBeGreaterThan(1_900);
  expect(drawn.length).toBeLessThan(2_100);
  expect(struck({ probability: 0.2, seed: 7 }, 10_000)).toEqual(drawn);
  expect(struck({ probability: 0.2, seed: 8 }, 10_000)).not.toEqual(drawn);
  expect(struck({ probability: 0 }, 1_000)).toEqual([]);
});

test("with both, every tenth is drawn for", () => {
  const drawn = struck({ every: 10, probability: 0.5 }, 1_000);
  expect(drawn.every((each) => each % 10 === 0)).toBe(true);
  expect(drawn.length).toBeGreaterThan(30);
  expect(drawn.length).toBeLessThan(70);
});
