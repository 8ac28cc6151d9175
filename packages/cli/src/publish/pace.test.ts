import { expect, test } from "vitest";
import { type Clock, pace } from "./pace.ts";

const never = new AbortController().signal;

function fakeClock(): Clock & { ms: number } {
  const clock = {
    ms: 0,
    now: () => clock.ms,
    sleep: (ms: number) => {
      clock.ms += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

async function* numbers(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) yield n;
}

test.each([
  [10, 100],
  [500, 2],
  [5_000, 0.2],
])("at %d/s one item follows the other after %d ms on average", async (rate, gapMs) => {
  const clock = fakeClock();
  let last = 0;
  for await (const _ of pace(numbers(1_001), rate, never, clock)) last = clock.ms;
  expect(Math.abs(last - 1_000 * gapMs)).toBeLessThanOrEqual(1);
});

test("a pause of the input is not caught up in a burst", async () => {
  const clock = fakeClock();
  async function* pausing(): AsyncGenerator<number> {
    yield 0;
    clock.ms += 60_000;
    yield* numbers(50);
  }
  const times: number[] = [];
  for await (const _ of pace(pausing(), 10, never, clock)) times.push(clock.ms);
  expect(times.at(-1)).toBeGreaterThanOrEqual(60_000 + 48 * 100);
});

test("without a rate nothing waits, and an abort ends it", async () => {
  const abort = new AbortController();
  const seen: number[] = [];
  for await (const n of pace(numbers(10), undefined, abort.signal, fakeClock())) {
    seen.push(n);
    if (n === 4) abort.abort();
  }
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});
