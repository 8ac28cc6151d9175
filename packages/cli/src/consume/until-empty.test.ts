import { expect, test } from "vitest";
import { type EmptyWatch, untilEmpty } from "./until-empty.ts";

function watch(counts: number[], changes: Partial<EmptyWatch> = {}): EmptyWatch {
  return {
    readyCount: () => Promise.resolve(counts.shift() ?? 0),
    received: () => 0,
    busy: () => false,
    gone: () => false,
    ...changes,
  };
}

test("a queue is empty when it says so twice and nothing came in between", async () => {
  const counts = [3, 0, 1, 0, 0, 7];
  expect(await untilEmpty(watch(counts))).toBe(true);
  expect(counts).toEqual([7]);
});

test("a delivery that was on its way when the broker answered starts it over", async () => {
  let received = 0;
  let asked = 0;
  const readyCount = () => {
    if (++asked === 2) received++;
    return Promise.resolve(0);
  };
  expect(await untilEmpty(watch([], { readyCount, received: () => received }))).toBe(true);
  expect(asked).toBe(4);
});

test("it waits until what was received is written", async () => {
  let turns = 0;
  expect(await untilEmpty(watch([], { busy: () => ++turns < 3 }))).toBe(true);
  expect(turns).toBe(3);
});

test("a channel that is gone is nobody's answer", async () => {
  expect(await untilEmpty(watch([], { gone: () => true }))).toBe(false);
  expect(await untilEmpty(watch([], { readyCount: () => Promise.reject(new Error("closed")) }))).toBe(false);
});
