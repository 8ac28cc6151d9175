import { type Publishing, WarrenError } from "@warren/message";
import { expect, test, vi } from "vitest";
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

const terms = { timeoutMs: 60_000, signal: undefined, bytes: 10, isHeld: false } as const;

/** Writes down how each ended. */
function noted(into: unknown[]): PreparationEnds {
  return {
    ready: ({ routingKey }) => into.push(routingKey) > 0,
    room: () => expect.unreachable(),
    failed: (error) => void into.push(error),
    late: (afterMs) => void into.push(`late after ${afterMs}`),
  };
}

test("what is ready first waits for what was published before it; a failure waits for nobody and holds nobody up", async () => {
  const preparation = new Preparation(10, 1_000);
  const handed: unknown[] = [];
  const works = [later<Publishing>(), later<Publishing>(), later<Publishing>()];
  for (const { promise } of works) preparation.queue(promise, terms, noted(handed));
  preparation.queue(publishing("d"), terms, noted(handed));
  works[2]!.resolve(publishing("c"));
  works[0]!.resolve(publishing("a"));
  works[1]!.reject("b failed");
  await preparation.done();
  expect(handed).toEqual(["b failed", "a", "c", "d"]);
  expect(preparation.isEmpty).toBe(true);
});

test("a schema that never ends is given up in time, and at the end", async () => {
  const preparation = new Preparation(10, 1_000);
  const handed: unknown[] = [];
  preparation.queue(later<Publishing>().promise, { ...terms, timeoutMs: 1 }, noted(handed));
  await preparation.done();
  expect(handed).toEqual(["late after 1"]);
  const end = new WarrenError("PUBLISHER_CLOSED", "closed");
  preparation.queue(later<Publishing>().promise, terms, noted(handed));
  preparation.end(end);
  await preparation.done();
  expect(handed).toEqual(["late after 1", end]);
});

test("what waits only for its turn ends in its own time and by its own signal, and what follows keeps its turn", async () => {
  const preparation = new Preparation(10, 1_000);
  const handed: unknown[] = [];
  const abort = new AbortController();
  const first = later<Publishing>();
  preparation.queue(first.promise, terms, noted(handed));
  const late = new Promise<void>((resolve) =>
    preparation.queue(
      publishing("b"),
      { ...terms, timeoutMs: 1 },
      { ...noted(handed), late: () => resolve(void handed.push("late")) },
    ),
  );
  const aborted = new Promise<void>((resolve) =>
    preparation.queue(
      publishing("c"),
      { ...terms, signal: abort.signal },
      { ...noted(handed), failed: (error) => resolve(void handed.push((error as WarrenError).code)) },
    ),
  );
  preparation.queue(publishing("d"), terms, noted(handed));
  await late;
  abort.abort();
  await aborted;
  preparation.queue(
    publishing("e"),
    { ...terms, signal: abort.signal },
    { ...noted(handed), failed: () => handed.push("aborted before") },
  );
  first.resolve(publishing("a"));
  await preparation.done();
  expect(handed).toEqual(["late", "PUBLISH_ABORTED", "aborted before", "a", "d"]);
  expect(preparation.isEmpty).toBe(true);
});

test("there is an end to how many may be prepared, and to how large they are together", async () => {
  const preparation = new Preparation(3, 100);
  expect(preparation.refusal(5_000)).toBeUndefined();
  preparation.queue(later<Publishing>().promise, { ...terms, bytes: 60 }, noted([]));
  expect(preparation.refusal(40)).toBeUndefined();
  expect(preparation.refusal(41)).toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
  expect(preparation.isFull).toBe(false);
  preparation.queue(later<Publishing>().promise, { ...terms, bytes: 40 }, noted([]));
  expect(preparation.isFull).toBe(true);
  preparation.end(new WarrenError("PUBLISHER_CLOSED", "closed"));
  await preparation.done();
  for (let at = 0; at < 3; at++)
    preparation.queue(later<Publishing>().promise, { ...terms, bytes: 0 }, noted([]));
  expect(preparation.refusal(0)).toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
  preparation.end(new WarrenError("PUBLISHER_CLOSED", "closed"));
  await preparation.done();
  expect(preparation.refusal(100)).toBeUndefined();
});

test("what finds no room is tried again, holds up what follows, and ends in its time and with the end of all", async () => {
  const preparation = new Preparation(10, 1_000);
  const handed: unknown[] = [];
  const room = later<void>();
  let hasRoom = false;
  const held: PreparationEnds = {
    ...noted(handed),
    ready: ({ routingKey }) => hasRoom && handed.push(routingKey) > 0,
    room: () => room.promise,
  };
  preparation.queue(publishing("a"), { ...terms, timeoutMs: 1 }, held);
  preparation.queue(publishing("b"), terms, held);
  preparation.queue(publishing("c"), terms, held);
  await vi.waitUntil(() => handed.length > 0);
  expect(handed).toEqual(["late after 1"]);
  expect(preparation.isFull).toBe(true);
  hasRoom = true;
  room.resolve();
  await preparation.done();
  expect(handed).toEqual(["late after 1", "b", "c"]);
  expect(preparation.isFull).toBe(false);
  hasRoom = false;
  preparation.queue(publishing("d"), terms, { ...held, room: () => new Promise(() => undefined) });
  await vi.waitUntil(() => preparation.isFull);
  const end = new WarrenError("PUBLISHER_CLOSED", "closed");
  preparation.end(end);
  await preparation.done();
  expect(handed).toEqual(["late after 1", "b", "c", end]);
});

test("what cannot be waited for fails alone: it gives its place back, and what follows keeps its turn", async () => {
  const preparation = new Preparation(10, 1_000);
  const handed: unknown[] = [];
  const unreadable = Object.create(AbortSignal.prototype) as AbortSignal;
  const roomless: PreparationEnds = {
    ...noted(handed),
    ready: () => false,
    room: () => Promise.reject(new Error("no room ever")),
  };
  preparation.queue(publishing("a"), { ...terms, signal: unreadable }, noted(handed));
  preparation.queue(Promise.reject(new Error("unseen")), { ...terms, signal: unreadable }, noted(handed));
  preparation.queue(publishing("b"), { ...terms, isHeld: true }, roomless);
  preparation.queue(publishing("c"), terms, noted(handed));
  await preparation.done();
  expect(handed).toEqual([expect.any(TypeError), expect.any(TypeError), new Error("no room ever"), "c"]);
  expect(preparation).toMatchObject({ isEmpty: true, isFull: false });
});

test("waits no longer than it is told to, and goes on preparing", async () => {
  const preparation = new Preparation(10, 1_000);
  const handed: unknown[] = [];
  const work = later<Publishing>();
  preparation.queue(work.promise, terms, noted(handed));
  await expect(preparation.done(1)).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT" });
  work.resolve(publishing("a"));
  await preparation.done(60_000);
  expect(handed).toEqual(["a"]);
});
