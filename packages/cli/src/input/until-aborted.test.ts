import { expect, test } from "vitest";
import { untilAborted } from "./until-aborted.ts";

test("ends at an abort also while the next item is waited for", async () => {
  const abort = new AbortController();
  async function* items(): AsyncGenerator<number> {
    yield 1;
    abort.abort();
    await new Promise(() => undefined);
  }
  const seen: number[] = [];
  for await (const item of untilAborted(items(), abort.signal)) seen.push(item);
  expect(seen).toEqual([1]);
});

test("gives all items when nothing aborts", async () => {
  async function* items(): AsyncGenerator<number> {
    yield* [1, 2];
  }
  const seen: number[] = [];
  for await (const item of untilAborted(items(), new AbortController().signal)) seen.push(item);
  expect(seen).toEqual([1, 2]);
});
