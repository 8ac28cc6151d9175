import { setTimeout as sleep } from "node:timers/promises";

export interface Clock {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  },
};

/**
 * Lets `perSecond` items through a second, the n-th not before n / rate. After a wait of the input it goes on at the
 * same rate: what was missed is not caught up in a burst.
 */
export async function* pace<Item>(
  items: AsyncIterable<Item>,
  perSecond: number | undefined,
  signal: AbortSignal,
  clock: Clock = systemClock,
): AsyncGenerator<Item, void, undefined> {
  let due = clock.now();
  for await (const item of items) {
    if (perSecond !== undefined) {
      const early = due - clock.now();
      // Timers count milliseconds: what is due sooner goes at once, and the sum of it is waited for later.
      if (early >= 1) await clock.sleep(early, signal);
      due = Math.max(due, clock.now() - 100) + 1_000 / perSecond;
    }
    if (signal.aborted) return;
    yield item;
  }
}
