import { expect, test } from "vitest";
import { testTitles } from "./test-titles.ts";

test("titles are found in every form in which a test can be written", () => {
  const source = `
    test("plain", () => {});
    it('in an it', { timeout: 1 }, () => {});
    describe("block", () => { it("nested", () => {}); });
    test.each([["a"]])("each %s", () => {});
    it.for(cases)("for $what", () => {});
    test.skipIf(missing)("conditional", () => {});
    test(\`of \${version}\`, () => {});
  `;
  expect(testTitles(source)).toEqual(
    ["plain", "in an it", "nested", "each %s", "for $what", "conditional", "of ${version}"].map((title) => ({
      title,
      disabled: false,
    })),
  );
});

test("a test that does not run is told from one that does", () => {
  const source = `
    test.skip("skipped", () => {});
    it.todo("still to do");
    test.fails("expected to fail", () => {});
    describe.skip("block", () => { it("in a skipped block", () => {}); });
    describe("block", () => { it("runs", () => {}); });
  `;
  expect(testTitles(source).map(({ disabled }) => disabled)).toEqual([true, true, true, true, false]);
});

test("what merely looks like a test is none", () => {
  expect(testTitles(`/x/.test("text"); const test = "test"; suite.it("text"); // test("comment")`)).toEqual(
    [],
  );
});
