import { expect, test } from "vitest";
import { watchStalls } from "./stall-watch.ts";

test("an event loop that stands still is told, with how long", async () => {
  const told = await new Promise<number>((resolve) => {
    const stop = watchStalls(50, (stalledMs) => {
      stop();
      resolve(stalledMs);
    });
    const until = performance.now() + 200;
    while (performance.now() < until);
  });
  expect(told).toBeGreaterThan(50);
  expect(told).toBeLessThanOrEqual(1_000);
});
