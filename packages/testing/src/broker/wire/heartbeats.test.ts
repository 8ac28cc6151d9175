import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { heartbeatFrame } from "../codec/frames.ts";
import { Heartbeats } from "./heartbeats.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function beating(seconds: number) {
  const sent: Buffer[] = [];
  const writer = { written: false, write: (bytes: Buffer) => void sent.push(bytes) };
  const onSilence = vi.fn<() => void>();
  return { heartbeats: new Heartbeats({ seconds, writer, onSilence }), writer, sent, onSilence };
}

test("a heartbeat is sent each half interval in which nothing was written", () => {
  const { writer, sent } = beating(10);
  vi.advanceTimersByTime(5_000);
  expect(sent).toEqual([heartbeatFrame]);
  writer.written = true;
  vi.advanceTimersByTime(5_000);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(5_000);
  expect(sent).toHaveLength(2);
});

test("two silent intervals end it", () => {
  const { heartbeats, onSilence } = beating(10);
  vi.advanceTimersByTime(5_000);
  vi.advanceTimersByTime(15_000);
  heartbeats.heard = true;
  vi.advanceTimersByTime(5_000 + 19_999);
  expect(onSilence).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onSilence).toHaveBeenCalledOnce();
});

test("who is not read is not silent", () => {
  const { heartbeats, onSilence } = beating(10);
  heartbeats.listening = false;
  vi.advanceTimersByTime(60_000);
  heartbeats.listening = true;
  vi.advanceTimersByTime(19_999);
  expect(onSilence).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onSilence).toHaveBeenCalledOnce();
});

test("nothing comes after the end", () => {
  const { heartbeats, sent, onSilence } = beating(10);
  heartbeats.stop();
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual([]);
  expect(onSilence).not.toHaveBeenCalled();
});
