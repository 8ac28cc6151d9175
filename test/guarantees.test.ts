import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { files, read, root } from "./repository.ts";
import { testTitles } from "./test-titles.ts";

interface Proof {
  readonly file: string;
  readonly title: string;
}

const page = read("docs/guarantees.md");

/** Each promise has a section, and in it a list of tests: `file`: "title". */
const promises = page
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [name = "", ...rest] = section.split("\n");
    const text = rest.join("\n").split(/^## /m)[0]!;
    const proofs = [...text.matchAll(/^- `([^`]+)`:\s+"(.+)"$/gm)].map(([, file, title]): Proof => ({
      file: file!,
      title: title!,
    }));
    const mechanism = /^\*\*How\.\*\* (.*?)\n\n/ms.exec(text)?.[1] ?? "";
    return { name: name.trim(), text, mechanism, proofs };
  });

/** What is wrong with a proof, or nothing. */
function problem({ file, title }: Proof): string | undefined {
  if (!existsSync(join(root, file))) return `${file} is not there`;
  const found = testTitles(read(file)).filter((each) => each.title === title);
  if (found.length === 0) return `${file} has no test "${title}"`;
  if (found.every(({ disabled }) => disabled) || !isRun(file)) return `${file}: "${title}" does not run`;
  return undefined;
}

/** A suite is run by the test files that import it. */
function isRun(file: string): boolean {
  if (!file.endsWith(".suite.ts")) return true;
  const tests = files(dirname(file), /\.broker\.test\.ts$/);
  return tests.some((test) => read(test).includes(`"./${basename(file)}"`));
}

describe.each(promises)("$name", ({ mechanism, proofs, text }) => {
  test("has a mechanism, in source files that are there", () => {
    const sources = [...mechanism.matchAll(/`(packages\/[^`]+)`/g)].map((match) => match[1]!);
    expect(sources).not.toEqual([]);
    expect(sources.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test("has tests that are there and run, one of them on a real broker", () => {
    expect(proofs.map(problem).filter((each) => each !== undefined)).toEqual([]);
    expect(proofs.some(({ file }) => /\.(broker\.test|suite)\.ts$/.test(file))).toBe(true);
  });

  test("lists nothing that could not be read as a test", () => {
    expect(text.match(/^- `/gm) ?? []).toHaveLength(proofs.length);
  });
});

test("every promise of the README has its section, word for word", () => {
  const table = /^\| Promise \| How \|\n\|[-|]+\n((?:\|.*\n)+)/m.exec(read("README.md"))![1]!;
  const promised = table
    .trim()
    .split("\n")
    .map((row) => row.split("|")[1]!.trim());
  expect(promised.length).toBeGreaterThanOrEqual(9);
  expect(promised.filter((promise) => !promises.some(({ name }) => name === promise))).toEqual([]);
});

test("a page that names what is not there is found out", () => {
  const file = "test/guarantees/ledger.test.ts";
  expect(problem({ file: "test/nowhere.test.ts", title: "x" })).toContain("is not there");
  expect(problem({ file, title: "no such title" })).toContain("has no test");
  expect(problem({ file, title: "every end beyond the first is a duplicate" })).toBeUndefined();
});
