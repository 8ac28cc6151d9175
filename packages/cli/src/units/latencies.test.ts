import { expect, test } from "vitest";
import { Latencies } from "./latencies.ts";

test("percentiles are right to within two percent", () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 1_000; ms++) latencies.add(ms);
  for (const [share, exact] of [
    [0.5, 500],
    [0.99, 990],
    [1, 1_000],
  ] as const) {
    const value = latencies.percentileMs(share)!;
    expect(Math.abs(value - exact) / exact).toBeLessThan(0.02);
  }
});

test("a latency of zero counts, and no latencies have no percentile", () => {
  const latencies = new Latencies();
  expect(latencies.percentileMs(0.5)).toBeUndefined();
  latencies.add(0);
  expect(latencies.percentileMs(0.5)).toBe(0.001);
});
