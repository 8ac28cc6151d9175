import { expect, test } from "vitest";
import { TagTable } from "./tag-table.ts";

function tracked(count: number): {
  readonly table: TagTable;
  readonly settled: number[];
  readonly done: Promise<void>[];
} {
  const table = new TagTable(count);
  const settled: number[] = [];
  const done = Array.from({ length: count }, async (_, index) => {
    await table.add();
    settled.push(index + 1);
  });
  return { table, settled, done };
}

test("a multiple ack settles every open tag up to its own, once", async () => {
  const { table, settled, done } = tracked(5);
  table.settle(2, false);
  table.settle(4, true);
  await Promise.all(done.slice(0, 4));
  expect(settled).toEqual([2, 1, 3, 4]);
});

test("acks out of order settle the tag they name", async () => {
  const { table, settled, done } = tracked(3);
  table.settle(3, false);
  await done[2];
  expect(settled).toEqual([3]);
  table.settle(1, false);
  table.settle(2, false);
  await Promise.all(done);
  expect(settled).toEqual([3, 1, 2]);
});

test("tags go on past the size of the ring", async () => {
  const table = new TagTable(2);
  for (let tag = 1; tag <= 100; tag += 1) {
    const added = table.add();
    table.settle(tag, tag % 2 === 0);
    await expect(added).resolves.toBeUndefined();
  }
});
