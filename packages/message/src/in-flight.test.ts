import { expect, test } from "vitest";
import { InFlight } from "./in-flight.ts";

test("whenZero resolves at once while nothing is in flight", async () => {
  await expect(new InFlight().whenZero()).resolves.toBeUndefined();
});

test("whenZero resolves for everyone who waits once the last one ended", async () => {
  const inFlight = new InFlight();
  inFlight.begin();
  inFlight.begin();
  const order: string[] = [];
  const waiting = [inFlight.whenZero(), inFlight.whenZero()].map((each) =>
    each.then(() => order.push("zero")),
  );
  inFlight.end();
  await Promise.resolve();
  order.push("one left");
  inFlight.end();
  await Promise.all(waiting);
  expect(order).toEqual(["one left", "zero", "zero"]);
  expect(inFlight.count).toBe(0);
});
