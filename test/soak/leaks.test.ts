import { expect, test } from "vitest";
import type { Client } from "./client.ts";
import { brokerLeaks, handleLeaks, rssSlope, socketLeaks } from "./leaks.ts";

const queue = { ready: 0, unacked: 0, consumers: 2 };
const before = { connections: 4, channels: 6, queues: { soak: queue } };
const client = (handles: Record<string, number>, closed: boolean): Client =>
  ({ name: "c", report: { handles, closed } }) as never;

test("a broker with as many connections, channels and consumers as before has no leak", () => {
  expect(brokerLeaks(before, before)).toEqual([]);
});

test("a connection, a channel or a consumer more is a leak, and a consumer less is one that did not come back", () => {
  expect(brokerLeaks(before, { ...before, connections: 5, channels: 7 })).toEqual([
    "5 connections after the faults, 4 before them",
    "7 channels after the faults, 6 before them",
  ]);
  const without = { ...before, queues: { soak: { ...queue, consumers: 1 } } };
  expect(brokerLeaks(before, without)).toEqual(["1 consumers after the faults, 2 before them"]);
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
