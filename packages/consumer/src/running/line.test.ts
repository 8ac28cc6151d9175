import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { delivered } from "../delivery.test-support.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { PlainLine } from "./line.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function passing(line: PlainLine): WeakRef<IncomingDelivery> {
  const delivery = delivered();
  line.take(delivery);
  line.take(delivered());
  expect(line.next()).toBe(delivery);
  return new WeakRef(delivery);
}

test("a line that is never empty keeps nothing of what has left it", async () => {
  const line = new PlainLine();
  const left = passing(line);
  await nextTurn();
  collectGarbage();
  expect(left.deref()).toBeUndefined();
});

test("a line keeps the order however many pass while some wait", () => {
  const line = new PlainLine();
  const all = Array.from({ length: 5_000 }, () => delivered());
  const left: (IncomingDelivery | undefined)[] = [];
  for (const [index, delivery] of all.entries()) {
    line.take(delivery);
    if (index >= 20) left.push(line.next());
  }
  left.push(...line.drain());
  expect(left.every((delivery, index) => delivery === all[index])).toBe(true);
  expect(left).toHaveLength(all.length);
  expect(line.next()).toBeUndefined();
});
