import { describe, expect, test } from "vitest";
import { hasWildcards, topicPattern, wordsOf } from "./topic-pattern.ts";

const fits = (bindingKey: string, routingKey: string): boolean =>
  topicPattern(bindingKey)(wordsOf(routingKey));

describe("topicPattern", () => {
  /** As 3.10.8 and 4.0.5 route them. */
  test.each([
    ["", ""],
    ["#", ""],
    ["#.#", ""],
    ["#", "a.b"],
    ["#.*", "a"],
    ["*.*", "."],
    ["a.*", "a."],
    ["a.#", "a"],
    ["a.#", "a."],
    ["#.a", "a"],
    ["#.#.a", "a"],
    ["a..b", "a..b"],
    ["a.*.b", "a..b"],
    ["a.#.b", "a.b"],
    ["a.#.b", "a.x.b.b"],
    ["#.*.#.*", "a.b"],
    ["*.b.#", "a.b"],
    ["#.a.b.#", "a.a.b"],
    ["**", "**"],
  ])("%j lets %j pass", (bindingKey, routingKey) => {
    expect(fits(bindingKey, routingKey)).toBe(true);
  });

  test.each([
    ["*", ""],
    ["*.#", ""],
    ["*", "a."],
    ["#.a.#", "b"],
    ["#.*.#.*", "a"],
    ["**", "ab"],
    ["a*", "ab"],
    ["a.#b", "a.c"],
    ["a", "A"],
    ["a.#.a", "a"],
  ])("%j does not let %j pass", (bindingKey, routingKey) => {
    expect(fits(bindingKey, routingKey)).toBe(false);
  });

  test("agrees with a search that tries everything", () => {
    const tries = (pattern: readonly string[], words: readonly string[]): boolean => {
      const [first, ...rest] = pattern;
      if (first === undefined) return words.length === 0;
      if (first === "#") return tries(rest, words) || (words.length > 0 && tries(pattern, words.slice(1)));
      return words.length > 0 && (first === "*" || first === words[0]) && tries(rest, words.slice(1));
    };
    const patterns = sequences(["a", "b", "*", "#"], 4);
    const keys = sequences(["a", "b"], 5);
    const disagreements = patterns.flatMap((pattern) => {
      const fitsPattern = topicPattern(pattern.join("."));
      return keys.filter((key) => fitsPattern(key) !== tries(pattern, key)).map((key) => ({ pattern, key }));
    });
    expect(disagreements).toEqual([]);
  });

  test.each([
    ["#.a.#.b.#.c", "a."],
    [`${"#.a.".repeat(60)}#.b`, "a."],
    [`#.${"a.".repeat(120)}b`, "a."],
    [`#.${"a.".repeat(120)}b.#`, "a."],
    [`#.${"*.".repeat(120)}b.#`, "a."],
    ["#".concat(".#".repeat(100), ".b"), "."],
  ])("a key of 100 KB takes no longer than 50 ms against %j", (bindingKey, word) => {
    const routingKey = word.repeat(100_000 / word.length);
    const fitsPattern = topicPattern(bindingKey);
    const startedAt = process.cpuUsage().user;
    expect(fitsPattern(wordsOf(routingKey))).toBe(false);
    expect((process.cpuUsage().user - startedAt) / 1_000).toBeLessThan(50);
  });
});

test("only whole words are wildcards", () => {
  expect(["*", "#", "a.*", "#.a"].map(hasWildcards)).toEqual([true, true, true, true]);
  expect(["", "a", "a*", "#a", "a.**"].map(hasWildcards)).toEqual([false, false, false, false, false]);
});

/** Every sequence of these words, up to that length. */
function sequences(words: readonly string[], longest: number): readonly (readonly string[])[] {
  const shorter = longest === 0 ? [] : sequences(words, longest - 1);
  const longestOfThem = shorter.filter(({ length }) => length === longest - 1);
  return longest === 0
    ? [[]]
    : [...shorter, ...longestOfThem.flatMap((start) => words.map((word) => [...start, word]))];
}
