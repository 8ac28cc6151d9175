import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { readSeededBug, seededBugs } from "../scripts/seeded/seeded-bug.ts";
import { readFailure } from "../scripts/seeded/try-bug.ts";
import { catalogue } from "./faults/catalogue.ts";
import { files, read, root } from "./repository.ts";
import { testTitles } from "./test-titles.ts";

const bugs = seededBugs();

test("there are at least twenty seeded bugs", () => {
  expect(bugs.length).toBeGreaterThanOrEqual(20);
});

describe.each(bugs.map((bug) => [bug.name, bug] as const))("%s", (_name, { patch, breaks, unit, fails }) => {
  test("applies to the sources as they are", () => {
    const apply = (): unknown =>
      execFileSync("git", ["apply", "--check", patch], { cwd: root, stdio: "pipe", encoding: "utf8" });
    expect(apply, "make the patch anew: what it changes has changed").not.toThrow();
  });

  test("changes production code of the package whose unit tests do not notice", () => {
    const changed = [...read(patch).matchAll(/^diff --git a\/(\S+) b\//gm)].map(([, file]) => file!);
    expect(changed.length).toBeGreaterThan(0);
    for (const file of changed) {
      expect(file.startsWith(`${unit}/src/`), file).toBe(true);
      expect(file, file).not.toMatch(/\.(test|suite|test-support)\.ts$/);
    }
  });

  test("breaks the promise of a fault in the catalogue", () => {
    const known = new Set(catalogue.map(({ id }) => id));
    expect(breaks.filter((id) => !known.has(id))).toEqual([]);
  });

  test("names a test that there is", () => {
    const suites = files(dirname(fails.file), /\.suite\.ts$/);
    const titles = [fails.file, ...suites].flatMap(titlesOf);
    expect(titles.filter((title) => isFilledIn(title, fails.title))).toHaveLength(1);
  });
});

const known = new Map<string, readonly string[]>();

/** Of the tests in a file that are not skipped. */
function titlesOf(file: string): readonly string[] {
  const titles =
    known.get(file) ?? testTitles(read(file)).flatMap(({ title, disabled }) => (disabled ? [] : [title]));
  known.set(file, titles);
  return titles;
}

/** Whether a title is what becomes of that template: `%s` and `$name` stand for anything. */
function isFilledIn(template: string, title: string): boolean {
  const parts = template.split(/%[a-z]|\$\w+(?:\.\w+)*/).map((part) => part.replaceAll(/[^\w\s]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`).test(title);
}

test("the head of a patch says what the bug is, what it breaks and which test has to fail", () => {
  const text = `Bug: It forgets.
Breaks: N1, C6
Unit: packages/consumer
Fails: packages/consumer/src/x.broker.test.ts: [C6] one: two

diff --git a/x b/x
`;
  expect(readSeededBug("packages/testing/seeded-bugs/forgets.patch", text)).toEqual({
    name: "forgets",
    patch: "packages/testing/seeded-bugs/forgets.patch",
    bug: "It forgets.",
    breaks: ["N1", "C6"],
    unit: "packages/consumer",
    fails: { file: "packages/consumer/src/x.broker.test.ts", title: "[C6] one: two" },
  });
  expect(() => readSeededBug("x.patch", text.replace("Bug: ", ""))).toThrow('x.patch has no line "Bug: …"');
  expect(() => readSeededBug("x.patch", text.replace(".test.ts: ", ".test.ts "))).toThrow("title of a test");
});

test.each([
  ["an assertion", "assertion", "AssertionError: expected 0 to be 1\n  at x.ts:1"],
  ["the deadline of the test", "deadline", "Error: STACK_TRACE_ERROR\n  at x.ts:1"],
  ["a deadline inside of it", "deadline", "Error: nothing came within 5000 ms"],
  ["an error that the client gave", "error", "PublishError: [PUBLISH_RETURNED] no queue is bound"],
  ["what is no function", "broken code", "TypeError: x is not a function"],
  ["what is not there", "broken code", "ReferenceError: x is not defined"],
])("a failure by %s is a failure by %s", (_what, kind, failure) => {
  expect(readFailure([failure]).kind).toBe(kind);
});
