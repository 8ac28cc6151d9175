import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "./errors.ts";
import {
  aBoolean,
  aFunction,
  anArray,
  anInteger,
  anObject,
  anything,
  aShortString,
  either,
  literally,
  milliseconds,
  oneOf,
  resolveOptions,
  type Rule,
  type Rules,
} from "./options.ts";

interface Options {
  readonly prefetch?: number;
  readonly name?: string;
  readonly waitMs?: number;
}

const defaults = Object.freeze({ prefetch: 40, waitMs: 1_000 });
const rules: Rules<Options> = { prefetch: anInteger(1, 65_535), name: aShortString, waitMs: milliseconds() };
const resolve = (input: unknown) => resolveOptions("createThing", input as Options, defaults, rules);

function problemsOf(input: unknown): readonly string[] {
  try {
    resolve(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("what is given lies over the defaults, and undefined keeps the default", () => {
  expect(resolve(undefined)).toEqual({ prefetch: 40, waitMs: 1_000 });
  expect(resolve({ prefetch: 1, name: "a", waitMs: undefined })).toEqual({
    prefetch: 1,
    name: "a",
    waitMs: 1_000,
  });
});

test("every problem is reported at once, a misspelt option with a suggestion", () => {
  expect(problemsOf({ prefech: 1, prefetch: 0, name: "x".repeat(300), waitMs: 2 ** 31 })).toEqual([
    'createThing: unknown option "prefech". Did you mean "prefetch"?',
    "createThing: prefetch must be a whole number from 1 to 65535, not 0",
    `createThing: name must be a text of at most 255 bytes, not "${"x".repeat(60)}…"`,
    "createThing: waitMs must be a whole number from 0 to 2147483647, not 2147483648",
  ]);
});

test.each([
  [null, "null"],
  ["amqp://x", '"amqp://x"'],
  [[1], "an array"],
])("options must be an object, not %s", (input, shown) => {
  expect(problemsOf(input)).toEqual([`createThing: options must be an object, not ${shown}`]);
});

test("names that every object inherits are unknown options", () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    const input = Object.defineProperty({}, name, { value: 1, enumerable: true });
    expect(problemsOf(input)).toEqual([
      `createThing: unknown option "${name}"; there are prefetch, name and waitMs`,
    ]);
  }
});

test("whatever the input, the answer is valid options or a ConfigError", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("prefetch", "name", "waitMs", "other"), fc.anything()),
      (input) => {
        if (problemsOf(input).length > 0) return;
        const { prefetch, waitMs } = resolve(input);
        expect(Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= 65_535).toBe(true);
        expect(Number.isInteger(waitMs) && waitMs >= 0).toBe(true);
      },
    ),
  );
});

test.each<[string, Rule, readonly unknown[], readonly unknown[]]>([
  ["anything", anything, [undefined, 1, {}], []],
  ["aBoolean", aBoolean, [true, false], [0, "true", null]],
  ["aFunction", aFunction, [() => 1], [{}, "f"]],
  ["anObject", anObject, [{}, new Date()], [null, [], "x", 1]],
  ["anArray", anArray, [[], [1]], [{}, "x", null]],
  ["aShortString", aShortString, ["", "é".repeat(127)], ["é".repeat(128), 1, null]],
  ["anInteger", anInteger(1), [1, 2 ** 53 - 1], [0, 1.5, NaN, Infinity, "1", 1n]],
  ["milliseconds", milliseconds(), [0, 2 ** 31 - 1], [-1, 2 ** 31, 0.5]],
  ["oneOf", oneOf("a", "b"), ["a", "b"], ["c", 1, null]],
  ["literally", literally(false), [false], [true, 0, undefined]],
  ["either", either(literally(false), anInteger(1)), [false, 1], [true, 0]],
])("%s accepts what it should and nothing else", (_name, rule, good, bad) => {
  for (const value of good) expect(rule(value)).toBeUndefined();
  for (const value of bad) expect(rule(value)).toMatch(/^must be /);
});

test("a problem never shows the inside of an object", () => {
  expect(problemsOf({ prefetch: { password: "canary" } }).join()).not.toContain("canary");
});
