import { ConnectionError, diagnostics } from "@warren/message";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchStart } from "./watch-start.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const refused = new ConnectionError("CONNECTION_REFUSED", "nothing listens on h:1");

function fail(attempt: number, connection = "mine"): void {
  diagnostics.connectFailed.publish({
    connection,
    socket: "consume",
    address: "h:1",
    attempt,
    error: refused,
  });
}

function watching(given: { readonly brokerCount?: number; readonly waitMs?: number }) {
  const said: string[] = [];
  const options = { name: "mine", brokerCount: 1, waitMs: 0, connectTimeoutMs: 10_000, ...given };
  return { said, watch: watchStart({ warn: (text) => void said.push(text) }, options) };
}

test("one broker that cannot be reached ends the start with the reason, and says no more", () => {
  const { said, watch } = watching({});
  fail(1, "another");
  expect(watch.failed.aborted).toBe(false);
  fail(1);
  expect(watch.failed.reason).toBe(refused);
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([]);
});

test("of several brokers each is tried, and each that fails is told", () => {
  const { said, watch } = watching({ brokerCount: 2 });
  fail(1);
  expect({ said, failed: watch.failed.aborted }).toEqual({
    said: ["nothing listens on h:1 (trying the next broker)"],
    failed: false,
  });
  fail(2);
  expect(watch.failed.aborted).toBe(true);
});

test("with --wait it goes on, and tells once what it waits for and how long", () => {
  const { said, watch } = watching({ waitMs: 30_000 });
  for (let attempt = 1; attempt <= 5; attempt++) {
    fail(attempt);
    vi.advanceTimersByTime(1_000);
  }
  expect(said).toEqual(["nothing listens on h:1 (trying again for 30s: --wait)"]);
  expect(watch.failed.aborted).toBe(false);
});

test("a broker that says nothing is told after a second, one that answered is not", () => {
  const silent = watching({});
  vi.advanceTimersByTime(1_000);
  expect(silent.said).toEqual(["no answer from the broker yet; an attempt may take 10s (--connect-timeout)"]);
  const quick = watching({});
  quick.watch[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(quick.said).toEqual([]);
});
