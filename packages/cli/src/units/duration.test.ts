import { describe, expect, test } from "vitest";
import { formatDurationMs, parseDurationMs } from "./duration.ts";

describe("parseDurationMs", () => {
  test.each([
    ["0", 0],
    ["500ms", 500],
    ["1.5s", 1_500],
    ["10s", 10_000],
    ["1m", 60_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
  ])("reads %s", (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  test.each(["", "10", "s", "-1s", "1 s", "1w", "10S", "1e3s", "30d"])("refuses %j", (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
});

test("a duration is written in the largest unit that is exact", () => {
  expect([0, 1, 1_500, 90_000, 60_000, 7_200_000].map(formatDurationMs)).toEqual([
    "0",
    "1ms",
    "1500ms",
    "90s",
    "1m",
    "2h",
  ]);
});
