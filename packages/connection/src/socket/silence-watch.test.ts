import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchSilence } from "./silence-watch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("silence of two heartbeats is told once, within another quarter", () => {
  const silent = vi.fn<(silentMs: number) => void>();
  watchSilence({ heartbeatMs: 1_000, bytesRead: () => 7, silent });
  vi.advanceTimersByTime(1_999);
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(251);
  expect(silent).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10_000);
  expect(silent).toHaveBeenCalledOnce();
});

test("one byte begins the two heartbeats again", () => {
  const silent = vi.fn<(silentMs: number) => void>();
  let bytes = 0;
  watchSilence({ heartbeatMs: 1_000, bytesRead: () => bytes, silent });
  for (let beat = 0; beat < 10; beat++) {
    vi.advanceTimersByTime(1_500);
    bytes++;
  }
  expect(silent).not.toHaveBeenCalled();
});

test("a process that stood still listens once more before it judges", () => {
  const silent = vi.fn<(silentMs: number) => void>();
  let bytes = 0;
  watchSilence({ heartbeatMs: 1_000, bytesRead: () => bytes, silent });
  vi.advanceTimersByTime(500);
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
  vi.advanceTimersByTime(250);
  expect(silent).not.toHaveBeenCalled();
  bytes++;
  vi.advanceTimersByTime(250);
  expect(silent).not.toHaveBeenCalled();
});

test("nothing is told after the watch was ended", () => {
  const silent = vi.fn<(silentMs: number) => void>();
  const stop = watchSilence({ heartbeatMs: 1_000, bytesRead: () => 0, silent });
  stop();
  vi.advanceTimersByTime(10_000);
  expect(silent).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
