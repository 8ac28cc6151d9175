import { expect, test } from "vitest";
import { ConfigError } from "./errors.ts";
import {
  anInteger,
  aShortString,
  either,
  literally,
  milliseconds,
  resolveOptions,
  type Rule,
  type Rules,
} from "./options.ts";
import { aListOf, aShape } from "./part-rules.ts";

interface Pause {
  readonly baseMs: number;
  readonly maxMs: number;
}

interface Options {
  readonly pause?: Pause;
  readonly retry?: false | { readonly delaysMs: readonly number[] };
  readonly name?: string;
}

const rising: Rule = aListOf(milliseconds(1), (list) =>
  list.every((each, index) => index === 0 || Number(each) >= Number(list[index - 1]))
    ? undefined
    : "must not fall",
);

const rules: Rules<Options> = {
  pause: aShape<Pause>(
    { baseMs: milliseconds(1), maxMs: milliseconds(1) },
    ["baseMs", "maxMs"],
    ({ baseMs, maxMs }) => (baseMs <= maxMs ? undefined : "must have a baseMs up to maxMs"),
  ),
  retry: either(literally(false), aShape({ delaysMs: rising, tries: anInteger(1) })),
  name: aShortString,
};

function problemsOf(input: unknown): readonly string[] {
  try {
    resolveOptions("make", input as Options, {}, rules);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test.each<[object, ...string[]]>([
  [{ pause: 5 }, "pause must be { baseMs, maxMs }, not 5"],
  [{ pause: [] }, "pause must be { baseMs, maxMs }, not an array"],
  [
    { pause: { baseMS: 1, maxMs: 5 } },
    'pause: unknown option "baseMS". Did you mean "baseMs"?',
    "pause.baseMs is missing",
  ],
  [{ pause: { baseMs: 1 } }, "pause.maxMs is missing"],
  [{ pause: { baseMs: 9, maxMs: 5 } }, "pause must have a baseMs up to maxMs"],
  [
    { retry: { delaysMs: ["1s", 5, 3, 0] } },
    'retry.delaysMs[0] must be a whole number from 1 to 2147483647, not "1s"',
    "retry.delaysMs[3] must be a whole number from 1 to 2147483647, not 0",
  ],
  [{ retry: { delaysMs: [5, 3] } }, "retry.delaysMs must not fall"],
  [{ retry: { delaysMs: [1, undefined] } }, "retry.delaysMs[1] is missing"],
  [{ retry: { delaysMs: 5 } }, "retry.delaysMs must be an array, not 5"],
  [{ retry: true }, "retry must be false, or must be { delaysMs, tries }, not true"],
])("%j is told by the names of its parts", (input, ...problems) => {
  expect(problemsOf(input)).toEqual(problems.map((problem) => `make: ${problem}`));
});

test("every wrong member is told at once, whatever it is nested in", () => {
  const wrong = {
    name: 5,
    pause: { baseMs: "1s", maxMs: 0 },
    retry: { delaysMs: [0], trys: 1 },
    nam: "",
  };
  expect(problemsOf(wrong)).toEqual([
    "make: name must be a text of at most 255 bytes, not 5",
    'make: pause.baseMs must be a whole number from 1 to 2147483647, not "1s"',
    "make: pause.maxMs must be a whole number from 1 to 2147483647, not 0",
    "make: retry.delaysMs[0] must be a whole number from 1 to 2147483647, not 0",
    'make: retry: unknown option "trys". Did you mean "tries"?',
    'make: unknown option "nam". Did you mean "name"?',
  ]);
});

test("what is right passes, and a shape and a list are rules of their own too", () => {
  expect(
    problemsOf({ pause: { baseMs: 1, maxMs: 1 }, retry: { delaysMs: [1, 1], tries: undefined } }),
  ).toEqual([]);
  expect(problemsOf({ retry: false, pause: undefined })).toEqual([]);
  expect(rules.pause({ baseMs: 0, maxMs: 1 })).toBe("must be { baseMs, maxMs }");
  expect(rising([0])).toMatch(/^must be /);
  expect(rising([1, 2])).toBeUndefined();
});
