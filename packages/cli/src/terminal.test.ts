import { describe, expect, test } from "vitest";
import { escapeJson, escapeLine, escapeText } from "./terminal.ts";

const corpus: readonly (readonly [string, string])[] = [
  ["\u001b[2J\u001b]0;title\u0007", "\\e[2J\\e]0;title\\x07"],
  ["one\r\ntwo\tthree\0", "one\\r\\ntwo\\tthree\\0"],
  ["\u009b31m C1", "\\x9b31m C1"],
  ["txt.\u202eexe", "txt.\\u202eexe"],
  ["a\u2028b\u2066c", "a\\u2028b\\u2066c"],
  ["café 日本 🐇", "café 日本 🐇"],
];

describe("S7: what a terminal prints cannot act on it", () => {
  test.each(corpus)("a name %j is printed as %s", (text, printed) => {
    expect(escapeLine(text)).toBe(printed);
  });

  test("a body keeps its line breaks and tabs, but no carriage return or escape", () => {
    expect(escapeText("a\tb\nc\rd\u001b[1m")).toBe("a\tb\nc\\rd\\e[1m");
  });

  test("JSON parses to the same value and holds nothing dangerous", () => {
    const value = { text: corpus.map(([text]) => text).join("\u007f") };
    const json = escapeJson(JSON.stringify(value));
    expect(JSON.parse(json)).toEqual(value);
    expect(escapeLine(json)).toBe(json);
  });
});
