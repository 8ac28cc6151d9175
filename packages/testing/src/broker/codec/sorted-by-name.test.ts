import { expect, test } from "vitest";
import { boolean, fieldTable, table } from "./field-values.ts";
import { sortedByName } from "./sorted-by-name.ts";

const yes = boolean(true);

test("a table is put in the order of its names, and what is in it is not", () => {
  const sorted = sortedByName(fieldTable({ b: table({ z: yes, a: yes }), a: yes, B: yes }));
  expect([...sorted.keys()]).toEqual(["B", "a", "b"]);
  const inner = sorted.get("b");
  expect(inner?.type === "table" && [...inner.value.keys()]).toEqual(["z", "a"]);
});

test("one that is in order stays the same table", () => {
  const inOrder = fieldTable({ a: yes, b: yes });
  expect(sortedByName(inOrder)).toBe(inOrder);
});
