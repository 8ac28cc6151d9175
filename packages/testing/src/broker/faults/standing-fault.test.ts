import { expect, test } from "vitest";
import { StandingFault } from "./standing-fault.ts";

function standing(times?: number) {
  let removals = 0;
  const fault = new StandingFault({ name: "dropConfirms", times, onRemoved: () => (removals += 1) });
  return { fault, removals: () => removals };
}

test("whoever waits for its strikes is told at the one that was waited for", async () => {
  const { fault } = standing();
  const told: number[] = [];
  const second = fault.struckTimes(2).then(() => told.push(2));
  const third = fault.struckTimes(3).then(() => told.push(3));
  fault.strike();
  fault.strike();
  await second;
  expect(told).toEqual([2]);
  fault.strike();
  await third;
  expect(fault.struckCount).toBe(3);
  await expect(fault.struckTimes(3)).resolves.toBeUndefined();
});

test("it is removed after so many strikes", async () => {
  const { fault, removals } = standing(2);
  const both = fault.struckTimes(2);
  fault.strike();
  expect(removals()).toBe(0);
  fault.strike();
  expect(removals()).toBe(1);
  await both;
});

test("it is removed once, by hand or at the end of a block", () => {
  const { fault, removals } = standing();
  {
    using _ = fault;
  }
  fault.remove();
  expect(removals()).toBe(1);
});

test("nobody waits for what can never be", async () => {
  const { fault } = standing(2);
  await expect(fault.struckTimes(3)).rejects.toThrow(
    "faults.dropConfirms was limited to 2, and 3 were waited for",
  );
  const waiting = fault.struckTimes(2);
  fault.strike();
  fault.remove();
  await expect(waiting).rejects.toThrow("faults.dropConfirms was removed after 1, and 2 were waited for");
  await expect(fault.struckTimes(2)).rejects.toThrow("removed after 1");
});
