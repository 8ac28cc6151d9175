import { afterEach, expect, test, vi } from "vitest";
import { keepTokenFresh } from "./token-refresh.ts";

afterEach(() => {
  vi.useRealTimers();
});

function minutes(count: number): Date {
  return new Date(Date.now() + count * 60_000);
}

test("a token is renewed after four fifths of its life, again and again", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const pauses: number[] = [];
  await keepTokenFresh({
    expiresAt: minutes(10),
    renew: () => Promise.resolve(pauses.length < 3 ? minutes(20) : undefined),
    failed: () => expect.unreachable(),
    signal: new AbortController().signal,
    pause: (ms) => {
      pauses.push(ms / 60_000);
      return Promise.resolve();
    },
  });
  expect(pauses).toEqual([8, 16, 16]);
});

test("a failed renewal is told and tried again soon", async () => {
  const errors: unknown[] = [];
  const pauses: number[] = [];
  await keepTokenFresh({
    expiresAt: minutes(-1),
    renew: () => (errors.length < 2 ? Promise.reject(new Error("later")) : Promise.resolve(undefined)),
    failed: (error) => errors.push(error),
    signal: new AbortController().signal,
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  expect(errors).toHaveLength(2);
  expect(pauses).toEqual([1_000, 5_000, 5_000]);
});

test("an aborted signal ends it at once", async () => {
  const stop = new AbortController();
  const done = keepTokenFresh({
    expiresAt: minutes(10),
    renew: () => expect.unreachable(),
    failed: () => expect.unreachable(),
    signal: stop.signal,
  });
  stop.abort();
  await expect(done).resolves.toBeUndefined();
});
