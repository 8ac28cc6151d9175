import { expect, test } from "vitest";
import { ManualClock } from "../manual-clock.ts";
import type { ConfirmFate } from "./interference.ts";
import { PublisherConfirms } from "./publisher-confirms.ts";

/** Every publish in turn with its fate; what was sent at each flush. */
function confirming(fates: Readonly<Record<number, ConfirmFate>> = {}) {
  const clock = new ManualClock();
  const sent: string[] = [];
  let pending = 0;
  let sequence = 0;
  const confirms = new PublisherConfirms({
    clock,
    send: (name, deliveryTag, multiple) => {
      sent.push(`${name.slice("basic.".length)} ${multiple ? "up to " : ""}${deliveryTag}`);
    },
    onPending: () => {
      pending += 1;
    },
  });
  return {
    clock,
    confirms,
    pendingCount: () => pending,
    publish: (...accepted: readonly boolean[]) => {
      for (const each of accepted) confirms.settleNext(each, fates[(sequence += 1)] ?? "send");
    },
    flush: () => {
      confirms.flush();
      return sent.splice(0);
    },
  };
}

const [stored, refused] = [true, false];

test("one answer does for all of a turn", () => {
  const { publish, flush } = confirming();
  publish(stored, stored, stored);
  expect(flush()).toEqual(["ack up to 3"]);
  publish(stored);
  expect(flush()).toEqual(["ack 4"]);
  expect(flush()).toEqual([]);
});

test("acks and nacks come in the order of their publishes", () => {
  const { publish, flush } = confirming();
  publish(stored, stored, refused, refused, stored, refused);
  expect(flush()).toEqual(["ack up to 2", "nack up to 4", "ack 5", "nack 6"]);
});

test("the writer is told once a turn", () => {
  const { publish, flush, pendingCount } = confirming();
  publish(stored, stored);
  expect(pendingCount()).toBe(1);
  flush();
  publish(stored);
  expect(pendingCount()).toBe(2);
});

test("no answer covers a confirm that is dropped", () => {
  const { publish, flush } = confirming({ 2: "drop" });
  publish(stored, stored, stored, stored);
  expect(flush()).toEqual(["ack 1", "ack 3", "ack 4"]);
  publish(stored, stored);
  expect(flush()).toEqual(["ack 5", "ack 6"]);
});

test("a late confirm comes at its time, and covers nobody", () => {
  const { publish, flush, clock } = confirming({ 2: { delayMs: 100 } });
  publish(stored, stored, stored);
  expect(flush()).toEqual(["ack 1", "ack 3"]);
  clock.advance(99);
  expect(flush()).toEqual([]);
  publish(stored);
  clock.advance(1);
  expect(flush()).toEqual(["ack up to 4"]);
});

test("a confirm may be turned into a nack", () => {
  const { publish, flush } = confirming({ 1: "nack" });
  publish(stored, stored);
  expect(flush()).toEqual(["nack 1", "ack 2"]);
});

test("nothing is confirmed once the channel is gone", () => {
  const { publish, flush, clock, confirms } = confirming({ 1: { delayMs: 100 } });
  publish(stored, stored);
  confirms.discard();
  clock.advance(100);
  expect(flush()).toEqual([]);
});
