import { expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";

test("a manual clock runs what falls due in the order of its time, each at its own time", () => {
  const clock = new ManualClock(0);
  const seen: string[] = [];
  clock.schedule(20, () => seen.push(`late at ${clock.now()}`));
  clock.schedule(10, () => {
    seen.push(`early at ${clock.now()}`);
    clock.schedule(5, () => seen.push(`added at ${clock.now()}`));
  });
  clock.schedule(30, () => seen.push("not yet"));
  clock.advance(25);
  expect(seen).toEqual(["early at 10", "added at 15", "late at 20"]);
  expect([clock.now(), clock.waitingCount]).toEqual([25, 1]);
});

test("what is cancelled never runs", () => {
  const clock = new ManualClock(0);
  const alarm = clock.schedule(10, () => expect.unreachable());
  alarm.cancel();
  alarm.cancel();
  clock.advance(100);
  expect(clock.waitingCount).toBe(0);
});

test.each([-1, NaN, Infinity, undefined as unknown as number])("advancing by %s is refused", (byMs) => {
  const clock = new ManualClock(0);
  clock.schedule(1, () => expect.unreachable());
  expect(() => clock.advance(byMs)).toThrow(new RangeError(`a clock cannot advance by ${byMs} ms`));
  expect(clock.now()).toBe(0);
});
