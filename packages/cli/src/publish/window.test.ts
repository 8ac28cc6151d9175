import { expect, test } from "vitest";
import { Window } from "./window.ts";

/** Whether a promise has settled once everything that is ready has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise(setImmediate);
  return done;
}

test("a full window holds its producer until one message leaves, by count and by bytes", async () => {
  const window = new Window(2, 100);
  await window.enter(10);
  await window.enter(10);
  const third = window.enter(85);
  expect(await settled(third)).toBe(false);
  window.leave(10);
  expect(await settled(third)).toBe(true);
  const fourth = window.enter(10);
  expect(await settled(fourth)).toBe(false);
});

test("a message larger than the limit enters alone", async () => {
  const window = new Window(5, 100);
  await window.enter(1_000);
  const next = window.enter(1);
  expect(await settled(next)).toBe(false);
  window.leave(1_000);
  await next;
});

test("empty resolves when the last message has left", async () => {
  const window = new Window(5, 100);
  await window.empty();
  await window.enter(1);
  await window.enter(1);
  const empty = window.empty();
  window.leave(1);
  expect(await settled(empty)).toBe(false);
  window.leave(1);
  expect(await settled(empty)).toBe(true);
});
