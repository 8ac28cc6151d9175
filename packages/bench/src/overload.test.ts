import { expect, test } from "vitest";
import { allowedGrowthBytes, problemOf } from "./overload.ts";
import type { OverloadMeasurement } from "./tasks/measurement.ts";

const allowed = allowedGrowthBytes(64 * 1024 * 1024);

function measured(change: Partial<OverloadMeasurement>): OverloadMeasurement {
  return {
    offeredCount: 100,
    confirmedCount: 40,
    refusedCount: 60,
    failures: {},
    rssAtStartBytes: 50_000_000,
    peakRssBytes: 50_000_000 + allowed,
    heapAtPeakBytes: 20_000_000,
    buffersAtPeakBytes: 60_000_000,
    longestStallMs: 3,
    ...change,
  };
}

test("memory at the limit is within it, and every publish is accounted for", () => {
  expect(problemOf(measured({}), 40, allowed)).toBeUndefined();
});

test.each([
  ["RSS", measured({ peakRssBytes: 50_000_000 + allowed + 1 }), 40],
  ["offered", measured({ refusedCount: 59 }), 40],
  ["stored", measured({}), 39],
  ["never full", measured({ confirmedCount: 100, refusedCount: 0 }), 100],
  ["PUBLISH_TIMEOUT", measured({ failures: { PUBLISH_TIMEOUT: 1 } }), 40],
])("it fails with a word about %s", (word, overloaded, stored) => {
  expect(problemOf(overloaded, stored, allowed)).toContain(word);
});
