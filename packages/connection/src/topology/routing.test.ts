import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { keyMeets, topicsMeet } from "./routing.ts";

describe("topicsMeet", () => {
  it.for([
    ["order.placed.eu", "order.placed.*", true],
    ["order.placed.eu", "order.#", true],
    ["order.placed.eu", "#", true],
    ["order.placed.eu", "order.placed.eu.#", true],
    ["order.placed.eu", "#.eu", true],
    ["order.placed.eu", "order.*", false],
    ["order.placed.eu", "order.placed.us", false],
    ["order.placed.*", "order.placed.us", true],
    ["order.placed.*", "order.placed.*.*", false],
    ["order.*.eu", "*.placed.*", true],
    ["order.*.eu", "#.us", false],
    ["*", "#.#.#", true],
    ["", "#", true],
    ["", "*", true],
    ["a..b", "a.*.b", true],
    ["a.b", "A.b", false],
  ] as const)("a message %s and a binding %s: %s", ([message, binding, expected]) => {
    expect(topicsMeet(message, binding)).toBe(expected);
  });

  it("agrees with the plain definition on every short key", () => {
    const words = array(constantFrom("a", "b", "*", "#"), { minLength: 1, maxLength: 5 });
    const keys = array(constantFrom("a", "b", "*"), { minLength: 1, maxLength: 5 });
    assert(
      property(keys, words, (key, pattern) => {
        expect(topicsMeet(key.join("."), pattern.join("."))).toBe(plainly(key, pattern));
      }),
    );
  });

  it("takes no longer for a pattern that is all #", () => {
    const key = Array.from({ length: 100 }, () => "a").join(".");
    const pattern = Array.from({ length: 60 }, () => "#.a").join(".") + ".b";
    expect(topicsMeet(key, pattern)).toBe(false);
  });
});

function plainly([word, ...rest]: readonly string[], [first, ...others]: readonly string[]): boolean {
  if (first === undefined) return word === undefined;
  if (first === "#")
    return (
      plainly(word === undefined ? [] : [word, ...rest], others) ||
      (word !== undefined && plainly(rest, [first, ...others]))
    );
  return word !== undefined && (first === "*" || word === "*" || first === word) && plainly(rest, others);
}

describe("keyMeets", () => {
  it("takes the binding literally and fills the message's unknown words", () => {
    expect(keyMeets("order.*", "order.eu")).toBe(true);
    expect(keyMeets("order.eu", "order.*")).toBe(false);
    expect(keyMeets("order.*", "order.eu.north")).toBe(false);
  });
});
