import { expect, test } from "vitest";
import { pages, type Snippet, snippetsOf, typeProblems } from "./snippets.ts";

const page = (...blocks: readonly string[]) =>
  blocks.map((code) => `text\n\n\`\`\`ts\n${code}\n\`\`\``).join("\n");

test("every TypeScript sample in the README and the docs compiles", { timeout: 60_000 }, () => {
  const snippets = pages().flatMap((each) => snippetsOf(each));
  expect(snippets.length).toBeGreaterThan(0);
  expect(typeProblems(snippets)).toEqual([]);
});

test("a sample that does not compile is found, with its page and line", { timeout: 60_000 }, () => {
  const snippets: readonly Snippet[] = [
    ...snippetsOf("good.md", page('import { ack } from "@warren/message";\nawait Promise.resolve(ack());')),
    ...snippetsOf(
      "bad.md",
      page("const a = 1;", 'import { akc } from "@warren/message";', "const n: number =\n  'x';"),
    ),
    ...snippetsOf("syntax.md", page("const = 1;")),
  ];
  const problems = typeProblems(snippets);
  expect(problems.map((problem) => problem.split(": ")[0])).toEqual(
    expect.arrayContaining(["bad.md:9", "bad.md:14", "syntax.md:4"]),
  );
  expect(problems.filter((problem) => problem.startsWith("good.md"))).toEqual([]);
  expect(problems.join("\n")).toContain("akc");
});

test("samples of other languages are left alone, and the tags of a fence are kept", () => {
  expect(snippetsOf("a.md", "```sh\nnpm start\n```\n```ts run\n1;\n```\n```tsx\n<a/>\n```\n")).toEqual([
    { page: "a.md", line: 4, tags: ["run"], code: "1;\n" },
  ]);
});

test("a block without an end is an error", () => {
  expect(() => snippetsOf("a.md", "```ts\n1;\n")).toThrow("a.md:1");
});
