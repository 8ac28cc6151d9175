import { expect, test } from "vitest";
import { parseRatePerSecond } from "./rate.ts";

test.each([
  ["500/s", 500],
  ["0.5/s", 0.5],
  ["30/m", 0.5],
  ["3600/h", 1],
])("%s is %d messages a second", (text, rate) => {
  expect(parseRatePerSecond(text)).toBe(rate);
});

test.each(["", "500", "0.0001/h", `${"9".repeat(400)}/s`, "0/s", "-1/s", "1/d", "1 / s", "/s"])(
  "%j is no rate",
  (text) => {
    expect(parseRatePerSecond(text)).toBeUndefined();
  },
);
