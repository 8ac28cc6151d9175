import { expect, test } from "vitest";
import { allowedRssBytes, type OverloadResult, problemOfOverload } from "./overload.ts";
import { overload } from "./scenarios.ts";

const allowed = allowedRssBytes(64 * 1024 * 1024);

function result(change: Partial<OverloadResult["measurement"]>): OverloadResult {
  const measurement = {
    offeredCount: 100,
    confirmedCount: 40,
    refusedCount: 60,
    failures: {},
    rssAtStartBytes: 50_000_000,
    peakRssBytes: allowed,
    longestStallMs: 3,
    ...change,
  };
  return { scenario: overload, measurement, allowedRssBytes: allowed };
}

test("memory at the limit is within it, and every publish is accounted for", () => {
  expect(problemOfOverload(result({}), 40)).toBeUndefined();
});

test.each([
  ["RSS", result({ peakRssBytes: allowed + 1 }), 40],
  ["offered", result({ refusedCount: 59 }), 40],
  ["stored", result({}), 39],
  ["never full", result({ confirmedCount: 100, refusedCount: 0 }), 100],
  ["PUBLISH_TIMEOUT", result({ failures: { PUBLISH_TIMEOUT: 1 } }), 40],
])("it fails with a word about %s", (word, overloaded, stored) => {
  expect(problemOfOverload(overloaded, stored)).toContain(word);
});
