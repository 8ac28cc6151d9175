import { expect, test } from "vitest";
import { TotalQueue } from "./total-queue.ts";

function balanced(): TotalQueue {
  const queue = new TotalQueue();
  for (const id of ["a", "b"]) {
    queue.attempt(id);
    queue.confirm(id);
    queue.end(id);
  }
  queue.drained();
  return queue;
}

test("K1 finds nothing in a run in which everything confirmed was read", () => {
  const queue = balanced();
  queue.attempt("refused");
  queue.refuse("refused");
  expect(queue.problems()).toEqual([]);
});

test("K1 finds a message that was dropped", () => {
  const queue = balanced();
  queue.attempt("c");
  queue.confirm("c");
  expect(queue.problems()).toEqual(["c was confirmed and is lost"]);
});

test("K1 finds a message from nowhere", () => {
  const queue = balanced();
  queue.end("stranger");
  expect(queue.problems()).toEqual(["stranger was never published"]);
});

test("K1 finds a message that came although its publisher heard that it is not stored", () => {
  const queue = balanced();
  queue.attempt("c");
  queue.refuse("c");
  queue.end("c");
  expect(queue.problems()).toEqual(["c was told to be not stored and came all the same"]);
});

test("K1 finds a run whose queues nobody read to the end", () => {
  expect(new TotalQueue().problems()).toEqual(["the queues were never read to their end"]);
});
