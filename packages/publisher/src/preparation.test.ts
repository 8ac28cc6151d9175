import type { Publishing } from "@warren/message";
import { expect, test } from "vitest";
import { Preparation } from "./preparation.ts";

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

test("what is ready first waits for what was published before it, and a failure holds nobody up", async () => {
  const preparation = new Preparation(10);
  const handed: unknown[] = [];
  const works = [later<Publishing>(), later<Publishing>(), later<Publishing>()];
  for (const { promise } of works)
    preparation.queue(
      promise,
      ({ routingKey }) => handed.push(routingKey),
      (error) => handed.push(error),
    );
  preparation.queue(
    publishing("d"),
    ({ routingKey }) => handed.push(routingKey),
    () => undefined,
  );
  works[2]!.resolve(publishing("c"));
  works[0]!.resolve(publishing("a"));
  works[1]!.reject("b failed");
  await preparation.done();
  expect(handed).toEqual(["a", "b failed", "c", "d"]);
  expect(preparation.isEmpty).toBe(true);
});

test("there is an end to how many may be prepared", () => {
  const preparation = new Preparation(1);
  const queue = (): void =>
    preparation.queue(
      later<Publishing>().promise,
      () => undefined,
      () => undefined,
    );
  queue();
  expect(queue).toThrow("PUBLISH_BUFFER_FULL");
});
