import { expect, test } from "vitest";
import { inversions } from "./key-order.ts";

const numbers = (...all: number[]): { key: string; number: number }[] =>
  all.map((number) => ({ key: "k", number }));

test("K2 finds nothing in order, in copies of what came before, and in keys beside each other", () => {
  expect(inversions([...numbers(1, 2, 3), { key: "other", number: 0 }, ...numbers(2, 3, 4)])).toEqual([]);
});

test("K2 finds a message that came after a later one of its key", () => {
  expect(inversions(numbers(1, 3, 2, 4))).toEqual(numbers(2));
});
