import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files, read, root } from "./repository.ts";
import { testTitles } from "./test-titles.ts";

interface Row {
  readonly id: string;
  readonly holds: string;
  /** Files with a test whose title begins with the id. */
  readonly tests: readonly string[];
}

const rows: readonly Row[] = read("docs/security.md")
  .split("\n")
  .filter((line) => /^\| S\d+ \|/.test(line))
  .map((line) => {
    const [, id, , holds, tests] = line.split("|").map((cell) => cell.trim());
    return {
      id: id!,
      holds: holds!,
      tests: [...tests!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
    };
  });

/** For each id the files that have a running test whose title, or one of the ids before its colon, begins with it. */
const tested = new Map<string, Set<string>>();
for (const file of ["packages", "test", "examples"].flatMap((folder) => files(folder, /\.(test|suite)\.ts$/)))
  for (const { title, disabled } of testTitles(read(file)))
    if (!disabled)
      for (const id of idsOf(title)) tested.set(id, (tested.get(id) ?? new Set<string>()).add(file));

/** `S5, S7: …` and `S21 …` alike. */
function idsOf(title: string): readonly string[] {
  const list = /^(?:[A-Z]\d+(?:, )?)+(?=[: ])/.exec(title)?.[0] ?? "";
  return list.split(", ").filter((id) => /^S\d+$/.test(id));
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `S${from + index}`);

test("docs/security.md has the thirty points, in their order", () => {
  expect(rows.map(({ id }) => id)).toEqual(numbered(1, 30));
});

test.each([...numbered(1, 10), ...numbered(19, 23)])("%s has a test that is named after it", (id) => {
  expect([...(tested.get(id) ?? [])]).not.toEqual([]);
});

test.each(rows.map(({ id, ...row }) => [id, row] as const))(
  "%s names the files with its tests, or says that it is not covered yet",
  (id, { holds, tests }) => {
    expect(tests.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    expect(tests.filter((file) => tested.get(id)?.has(file) !== true)).toEqual([]);
    if (tests.length === 0) expect(holds).toMatch(/^Not yet covered/);
  },
);
