import { type Publishing, WarrenError } from "@warren/message";
import { expect, test } from "vitest";
import { Preparation, type PreparationEnds } from "./preparation.ts";

const publishing = (routingKey: string): Publishing => ({ exchange: "", routingKey, body: Buffer.alloc(0) });

function later<T>(): { readonly promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve: (value) => resolve(value), reject: (error) => reject(error) };
}

/** Writes down how each ended. */
function noted(into: unknown[]): PreparationEnds {
  return {
    ready: ({ routingKey }) => void into.push(routingKey),
    failed: (error) => void into.push(error),
    late: (afterMs) => void into.push(`late after ${afterMs}`),
  };
}

test("what is ready first waits for what was published before it, and a failure holds nobody up", async () => {
  const preparation = new Preparation(10);
  const handed: unknown[] = [];
  const works = [later<Publishing>(), later<Publishing>(), later<Publishing>()];
  for (const { promise } of works) preparation.queue(promise, 60_000, noted(handed));
  preparation.queue(publishing("d"), 60_000, noted(handed));
  works[2]!.resolve(publishing("c"));
  works[0]!.resolve(publishing("a"));
  works[1]!.reject("b failed");
  await preparation.done();
  expect(handed).toEqual(["a", "b failed", "c", "d"]);
  expect(preparation.isEmpty).toBe(true);
});

test("a schema that never ends is given up in time, and at the end", async () => {
  const preparation = new Preparation(10);
  const handed: unknown[] = [];
  preparation.queue(later<Publishing>().promise, 1, noted(handed));
  await preparation.done();
  expect(handed).toEqual(["late after 1"]);
  const end = new WarrenError("PUBLISHER_CLOSED", "closed");
  preparation.queue(later<Publishing>().promise, 60_000, noted(handed));
  preparation.end(end);
  await preparation.done();
  expect(handed).toEqual(["late after 1", end]);
});

test("there is an end to how many may be prepared", () => {
  const preparation = new Preparation(1);
  const queue = (): void => preparation.queue(later<Publishing>().promise, 60_000, noted([]));
  queue();
  expect(queue).toThrow("PUBLISH_BUFFER_FULL");
  preparation.end(new WarrenError("PUBLISHER_CLOSED", "closed"));
});

test("waits no longer than it is told to, and goes on preparing", async () => {
  const preparation = new Preparation(10);
  const handed: unknown[] = [];
  const work = later<Publishing>();
  preparation.queue(work.promise, 60_000, noted(handed));
  await expect(preparation.done(1)).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT" });
  work.resolve(publishing("a"));
  await preparation.done(60_000);
  expect(handed).toEqual(["a"]);
});
