import { expect, test } from "vitest";
import { orderOfRound } from "./round.ts";

const contenders = ["a", "b", "c"];

test("every contender comes first in some round", () => {
  const first = [0, 1, 2, 3, 4, 5].map((round) => orderOfRound(contenders, round)[0]);
  expect(new Set(first)).toEqual(new Set(contenders));
});

test("no contender always follows the same one", () => {
  const pairs = [0, 1, 2, 3, 4, 5].map((round) => orderOfRound(contenders, round).join(""));
  expect(new Set(pairs).size).toBe(6);
});
