import { beforeEach, expect, test } from "vitest";
import { NackWatch } from "./nack-watch.ts";

let watch: NackWatch;
beforeEach(() => {
  watch = new NackWatch();
});

/** Nacks one publish each 100 ms from then until then; says when that was found to be too much. */
function nackedUntilFound(fromMs: number, toMs: number, routingKey = "full"): number | undefined {
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 100) {
    watch.nacked("", routingKey, nowMs);
    if (watch.found !== undefined) return nowMs;
  }
  return undefined;
}

test("a route that has had only nacks for a second is found, with its count and its time", () => {
  expect(nackedUntilFound(0, 900)).toBeUndefined();
  expect(nackedUntilFound(1_000, 1_000)).toBe(1_000);
  expect(watch.found).toEqual({ exchange: "", routingKey: "full", nackedCount: 11, nackingMs: 1_000 });
  expect(watch.heldUntil).toBe(2_000);
});

test("each renewal is followed by a pause twice as long, up to half a minute", () => {
  let nowMs = 0;
  const pauses = Array.from({ length: 8 }, () => {
    const foundAt = nackedUntilFound(nowMs, 1_000_000)!;
    const pauseMs = foundAt - nowMs;
    watch.down();
    nowMs = foundAt;
    return pauseMs;
  });
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("the pauses begin anew on a channel that was lost, and after a minute without a renewal", () => {
  expect(nackedUntilFound(0, 10_000)).toBe(1_000);
  watch.down();
  watch.down();
  expect(nackedUntilFound(2_000, 10_000)).toBe(3_000);
  watch.down();
  expect(nackedUntilFound(63_000, 70_000)).toBe(64_000);
});

test("a route that was acked beside its nacks is left alone on this channel, and looked at anew on the next", () => {
  nackedUntilFound(0, 500);
  expect(watch.isWatching).toBe(true);
  watch.acked("", "full");
  expect(watch.isWatching).toBe(false);
  expect(nackedUntilFound(600, 100_000)).toBeUndefined();
  watch.down();
  expect(nackedUntilFound(100_100, 200_000)).toBe(101_100);
});

test("acks of one route say nothing of another", () => {
  nackedUntilFound(0, 500);
  watch.acked("", "healthy");
  watch.acked("full", "");
  expect(nackedUntilFound(600, 2_000)).toBe(1_000);
});

test("an ack that comes while the channel is to be renewed makes that needless", () => {
  nackedUntilFound(0, 1_000);
  watch.acked("", "healthy");
  expect(watch.found).toBeDefined();
  watch.acked("", "full");
  expect(watch.found).toBeUndefined();
  expect(watch.heldUntil).toBe(Infinity);
});

test("nothing is held longer than a second for what is not answered, and the next try is later", () => {
  nackedUntilFound(0, 1_000);
  watch.expire(1_999);
  expect(watch.found).toBeDefined();
  watch.expire(2_000);
  expect(watch.found).toBeUndefined();
  expect(nackedUntilFound(2_000, 10_000)).toBe(4_000);
});

test("routes without number are counted together once they are many", () => {
  for (let at = 0; at < 32; at++) watch.nacked("orders", `order.${at}`, 0);
  watch.nacked("orders", "order.32", 0);
  watch.nacked("orders", "order.33", 1_000);
  expect(watch.found).toEqual({
    exchange: "orders",
    routingKey: "order.33",
    nackedCount: 2,
    nackingMs: 1_000,
  });
  watch.acked("orders", "order.34");
  expect(watch.found).toBeUndefined();
});
