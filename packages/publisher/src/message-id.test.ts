import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { makeMessageId } from "./message-id.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("ids are UUIDs, each its own", () => {
  const ids = new Set(Array.from({ length: 1_000 }, makeMessageId));
  expect(ids.size).toBe(1_000);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ten thousand ids that are kept take no more memory than their characters need", () => {
  const count = 10_000;
  const ids: string[] = Array.from({ length: count }, () => "");
  makeMessageId();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < count; at++) ids[at] = makeMessageId();
  collectGarbage();
  expect((process.memoryUsage().heapUsed - before) / count).toBeLessThan(150);
  expect(ids).toHaveLength(count);
});
