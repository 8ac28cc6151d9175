import { describe, expect, test } from "vitest";
import { scenarios } from "../scenarios.ts";
import type { Measurement } from "../tasks/measurement.ts";
import { summarize } from "./summary.ts";
import { renderTable } from "./table.ts";

const [scenario] = scenarios;
if (scenario === undefined) throw new Error("there are no scenarios");

function measurement(messagesPerSecond: number, cpuMicrosPerMessage: number): Measurement {
  return {
    messagesPerSecond,
    cpuMicrosPerMessage,
    p50Ms: 1.234,
    p99Ms: 5,
    peakRssBytes: 80_000_000,
    doneCount: 1,
  };
}

const names = ["fast", "slow"];
const rounds = [
  new Map([
    ["fast", measurement(30_000, 5)],
    ["slow", measurement(10_000, 10)],
  ]),
  new Map([
    ["fast", measurement(3_000, 50)],
    ["slow", measurement(1_000, 100)],
  ]),
  new Map([
    ["fast", measurement(33_000, 6)],
    ["slow", measurement(10_000, 10)],
  ]),
];

describe("summarize", () => {
  test("gives medians, and ratios that a slow round does not bend", () => {
    const [fast, slow] = summarize(scenario, rounds, names, "slow").contenders;
    expect(fast?.messagesPerSecond).toBe(30_000);
    expect(fast?.throughputRatio).toEqual({ median: 3, least: 3, most: 3.3 });
    expect(fast?.cpuRatio.median).toBe(0.5);
    expect(slow?.throughputRatio).toEqual({ median: 1, least: 1, most: 1 });
  });
  test("refuses a round in which a contender is missing", () => {
    expect(() =>
      summarize(scenario, [...rounds, new Map([["slow", measurement(1, 1)]])], names, "slow"),
    ).toThrow("fast is missing");
  });
});

describe("renderTable", () => {
  test("prints one aligned row a contender", () => {
    const lines = renderTable(summarize(scenario, rounds, names, "slow"))
      .trimEnd()
      .split("\n");
    const table = lines.filter((line) => line.startsWith("|"));
    expect(table).toHaveLength(4);
    expect(new Set(table.map((line) => line.length)).size).toBe(1);
    expect(table[2]).toMatch(
      /\| fast +\| +30,000 \| 3\.00 \(3\.00–3\.30\) \| +6\.0 \| 0\.50 \(0\.50–0\.60\) \| +1\.23 \|/,
    );
  });
  test("leaves the cell empty where there is no latency", () => {
    const without = rounds.map(
      (round) => new Map([...round].map(([name, one]) => [name, { ...one, p50Ms: Number.NaN }])),
    );
    expect(renderTable(summarize(scenario, without, names, "slow"))).not.toContain("NaN");
  });
});
