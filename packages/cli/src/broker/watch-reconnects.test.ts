import { ConnectionError, diagnostics } from "@warren/message";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchReconnects } from "./watch-reconnects.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function change(to: string, connection = "warren publish"): void {
  const error = new ConnectionError("CONNECTION_LOST", "reset by the broker");
  diagnostics.connectionState.publish({ connection, socket: "publish", from: "open", to, error });
}

test("a connection that does not come back is lost after the limit, counted from the loss", () => {
  using watch = watchReconnects("warren publish", 30_000);
  change("reconnecting");
  vi.advanceTimersByTime(20_000);
  change("reconnecting");
  vi.advanceTimersByTime(9_999);
  expect(watch.lost.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(watch.lost.reason).toMatchObject({
    code: "CONNECTION_LOST",
    sentence: "the connection was lost and did not come back within 30s: reset by the broker",
  });
});

test("one that comes back is not lost, nor is another one's, nor any with the limit 0", () => {
  using watch = watchReconnects("warren publish", 30_000);
  using patient = watchReconnects("warren publish", 0);
  change("reconnecting", "another");
  change("reconnecting");
  change("open");
  vi.advanceTimersByTime(60_000);
  change("reconnecting");
  vi.advanceTimersByTime(29_999);
  expect(watch.lost.aborted).toBe(false);
  vi.advanceTimersByTime(10_000_000);
  expect(patient.lost.aborted).toBe(false);
});

test("a connection that never came is given up after the limit too, counted from its first failure", () => {
  using watch = watchReconnects("warren publish", 30_000);
  change("connecting");
  vi.advanceTimersByTime(29_999);
  change("connecting");
  expect(watch.lost.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(watch.lost.reason).toMatchObject({
    code: "CONNECT_TIMEOUT",
    sentence: "a second connection could not be made within 30s: reset by the broker",
  });
});
