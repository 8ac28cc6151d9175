import { describe, expect, test } from "vitest";
import { median, pairedRatio, percentile } from "./statistics.ts";

describe("median", () => {
  test("is the middle of an odd number of values, whatever their order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });
  test("is the mean of the two middle values of an even number", () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
  });
  test("of nothing is not a number", () => {
    expect(median([])).toBeNaN();
  });
});

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  test("takes the nearest rank", () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
  });
  test("sorts by number, not by text", () => {
    expect(percentile([10, 9, 2], 1)).toBe(10);
  });
  test("leaves its input alone", () => {
    const values = [3, 1, 2];
    percentile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("pairedRatio", () => {
  test("divides within a round, so a slow round harms neither side", () => {
    expect(pairedRatio([100, 10, 100], [50, 5, 50])).toEqual({ median: 2, least: 2, most: 2 });
  });
  test("is not the ratio of the medians", () => {
    const values = [10, 30, 50];
    const reference = [10, 10, 100];
    expect(median(values) / median(reference)).toBe(3);
    expect(pairedRatio(values, reference).median).toBe(1);
  });
  test("refuses a round with one half missing", () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow("other half");
  });
});
