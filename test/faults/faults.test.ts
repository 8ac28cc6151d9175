import { expect, test } from "vitest";
import { read } from "../repository.ts";
import { catalogue } from "./catalogue.ts";
import { faultPage } from "./fault-page.ts";
import { claimsOf, splitTag, taggedTests } from "./tagged-tests.ts";

const tests = taggedTests();

test("the catalogue has every id once, without a gap", () => {
  const numbered = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
  expect(catalogue.map(({ id }) => id)).toEqual([
    ...numbered("N", 18),
    ...numbered("B", 37),
    ...numbered("C", 38),
  ]);
});

test.each(catalogue.map(({ id, fault, impossible }) => [id, fault, impossible] as const))(
  "%s, %s, has a test, or a reason why not",
  (id, _fault, impossible) => {
    const found = tests.filter(({ ids }) => ids.includes(id));
    expect(found.length > 0, id).toBe(impossible === undefined);
  },
);

test("no test names a fault that is not in the catalogue", () => {
  const known = new Set(catalogue.map(({ id }) => id));
  expect(tests.filter(({ ids }) => ids.some((id) => !known.has(id)))).toEqual([]);
});

test("docs/faults.md is up to date: pnpm faults writes it", () => {
  expect(read("docs/faults.md")).toBe(faultPage());
});

test("ids are read from a tag before the title, and from nowhere else", () => {
  expect(splitTag("[C6, N1] acks nothing")).toEqual({ ids: ["C6", "N1"], title: "acks nothing" });
  expect(splitTag("acks nothing [C6]")).toEqual({ ids: [], title: "acks nothing [C6]" });
  expect(splitTag("[] is an empty list")).toEqual({ ids: [], title: "[] is an empty list" });
  expect(splitTag("[PUBLISH_NACKED] is told").ids).toEqual([]);
});

test("a proof says in its comments what it shows", () => {
  expect(claimsOf("// [B2] kills\n# [N1] resets\n// see [B3]\nconst x = '[B4] y';\n")).toEqual([
    "[B2] kills",
    "[N1] resets",
  ]);
});
