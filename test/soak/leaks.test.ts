import { expect, test } from "vitest";
import type { Client } from "./client.ts";
import { brokerLeaks, handleLeaks, rssSlope, socketLeaks } from "./leaks.ts";

const atRest = {
  connections: 8,
  channels: 10,
  queues: { one: { ready: 0, unacked: 0, consumers: 2 }, two: { ready: 0, unacked: 0, consumers: 2 } },
};
const client = (handles: Record<string, number>, closed: boolean): Client =>
  ({ name: "c", report: { handles, closed } }) as never;

test("two sockets a process, a channel for each purpose and a consumer for each queue are no leak", () => {
  expect(brokerLeaks(2, atRest)).toEqual([]);
});

test("a connection or a channel more is a leak, and a consumer less is one that did not come back", () => {
  expect(brokerLeaks(2, { ...atRest, connections: 9, channels: 11 })).toEqual([
    "9 connections at rest, more than 8",
    "11 channels at rest, more than 10",
  ]);
  const queues = { ...atRest.queues, two: { ready: 0, unacked: 0, consumers: 1 } };
  expect(brokerLeaks(2, { ...atRest, queues })).toEqual(["3 consumers at rest instead of 4"]);
});

test("a socket too many at rest and anything after the end is a leak of the process", () => {
  expect(socketLeaks(client({ TCPSocketWrap: 2, Timeout: 9 }, false))).toEqual([]);
  expect(socketLeaks(client({ TCPSocketWrap: 3 }, false))).toEqual(["c has 3 sockets at rest"]);
  expect(handleLeaks(client({ PipeWrap: 1 }, true))).toEqual([]);
  expect(handleLeaks(client({ PipeWrap: 1, Timeout: 1 }, true))).toEqual(["c closed and left 1 × Timeout"]);
  expect(handleLeaks(client({}, false))).toEqual(["c did not close"]);
});

test("the slope of the memory is that of the second half, in MiB an hour", () => {
  const steady = Array.from({ length: 10 }, (_, index) => ({
    atMs: index * 360_000,
    rssBytes: (index < 5 ? 900 : index) * 2 ** 20,
    heapBytes: 0,
  }));
  expect(rssSlope(steady)).toBeCloseTo(10);
  expect(rssSlope([])).toBe(0);
});
