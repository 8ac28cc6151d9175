import { errorCodes } from "@warren/message";
import { expect, test } from "vitest";
import { read } from "./repository.ts";

const page = read("docs/errors.md");
const sections = page.split(/^### /m).slice(1);
const names = sections.map((section) => section.slice(0, section.indexOf("\n")).trim());

test("every error code has a section in docs/errors.md", () => {
  expect(errorCodes.filter((code) => !names.includes(code))).toEqual([]);
});

test("every section of docs/errors.md is an error code, once", () => {
  expect(names.filter((name) => !(errorCodes as readonly string[]).includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test.each(names.map((name, index) => [name, sections[index]!]))(
  "%s says its meaning, its usual cause and what to do",
  (_name, section) => {
    expect(section).toMatch(/^\*\*Meaning\.\*\* \S.*\n\*\*Usual cause\.\*\* \S.*\n\*\*What to do\.\*\* \S/m);
  },
);

test("the sections stand under the class that the list of codes names, in its order", () => {
  const headings = [...page.matchAll(/^#{2,3} (\S+)$/gm)].map((match) => match[1]!);
  const list = [
    ...read("packages/message/src/error-codes.ts").matchAll(/^ {2}(?:\/\/ (\w+Error)|"(\w+)")/gm),
  ];
  expect(headings).toEqual(list.map((match) => match[1] ?? match[2]!));
});
