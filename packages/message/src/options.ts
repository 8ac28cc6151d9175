import { unknownName } from "./closest-name.ts";
import { ConfigError } from "./errors.ts";
import { shownValue } from "./shown-value.ts";

/** Says what is wrong with a value ("must be …"), or nothing when it is fine. */
export interface Rule {
  (value: unknown): string | undefined;
  /** For a value of several parts: what is wrong with each, named by its path; nothing when the value has no such parts. */
  readonly parts?: (value: unknown, path: string) => readonly string[];
}

/** One rule for every option that there is; an option without a rule does not exist. */
export type Rules<Options> = { readonly [Name in keyof Required<Options>]: Rule };

/**
 * Lays `input` over `defaults` and checks it: unknown names are refused with a suggestion, each value must pass
 * its rule, and an explicit `undefined` keeps the default.
 *
 * @param what names the options in the message, e.g. `createPublisher`.
 * @throws ConfigError INVALID_OPTION, listing every problem at once.
 */
export function resolveOptions<Options extends object, Defaults extends Partial<Options>>(
  what: string,
  input: Options | undefined,
  defaults: Defaults,
  rules: Rules<Options>,
): Options & Defaults {
  if (input !== undefined && anObject(input) !== undefined)
    throw new ConfigError("INVALID_OPTION", `${what}: options must be an object, not ${shownValue(input)}`);
  const problems = objectProblems(input ?? {}, rules);
  if (problems.length > 0)
    throw new ConfigError(
      "INVALID_OPTION",
      problems.map((problem) => `${what}: ${problem}`),
    );
  const given = Object.entries(input ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as Options & Defaults;
}

/**
 * Everything that is wrong with the members of an object: names without a rule and values that break theirs, those of
 * nested objects and lists included. An explicit `undefined` is a member that is not there.
 *
 * @param path of the object itself, for members of members: `reconnect`.
 */
export function objectProblems(
  given: object,
  rules: Readonly<Record<string, Rule>>,
  path = "",
): readonly string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule !== undefined) return valueProblems(value, rule, path === "" ? name : `${path}.${name}`);
    const problem = unknownName("option", name, Object.keys(rules));
    return [path === "" ? problem : `${path}: ${problem}`];
  });
}

/** What is wrong with one value, each sentence with the path of what it is about: `delaysMs[0] must be …, not "1s"`. */
export function valueProblems(value: unknown, rule: Rule, path: string): readonly string[] {
  if (value === undefined) return [];
  const ofParts = rule.parts?.(value, path) ?? [];
  if (ofParts.length > 0) return ofParts;
  const complaint = rule(value);
  return complaint === undefined ? [] : [`${path} ${complaint}, not ${shownValue(value)}`];
}

export const anything: Rule = () => undefined;

export const aBoolean: Rule = (value) => (typeof value === "boolean" ? undefined : "must be true or false");

export const aFunction: Rule = (value) => (typeof value === "function" ? undefined : "must be a function");

export const anObject: Rule = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? undefined : "must be an object";

export const anArray: Rule = (value) => (Array.isArray(value) ? undefined : "must be an array");

/** A text with at most 255 bytes, AMQP's limit for a short string. */
export const aShortString: Rule = (value) =>
  typeof value === "string" && Buffer.byteLength(value) <= 255
    ? undefined
    : "must be a text of at most 255 bytes";

export function anInteger(min: number, max: number = Number.MAX_SAFE_INTEGER): Rule {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number ${range}`;
}

/** A duration: whole milliseconds up to 2^31 - 1, the longest that a timer can wait. */
export function milliseconds(min = 0): Rule {
  return anInteger(min, 2 ** 31 - 1);
}

export function oneOf(...values: readonly string[]): Rule {
  const list = values.map((value) => `"${value}"`).join(" or ");
  return (value) => (typeof value === "string" && values.includes(value) ? undefined : `must be ${list}`);
}

export function either(...rules: readonly Rule[]): Rule {
  const complaint = (value: unknown): string | undefined => {
    const complaints = rules.map((rule) => rule(value));
    return complaints.includes(undefined) ? undefined : complaints.join(", or ");
  };
  const parts = (value: unknown, path: string): readonly string[] =>
    complaint(value) === undefined
      ? []
      : (rules.map((rule) => rule.parts?.(value, path) ?? []).find((problems) => problems.length > 0) ?? []);
  return Object.assign(complaint, { parts });
}

export function literally(expected: unknown): Rule {
  return (value) => (value === expected ? undefined : `must be ${String(expected)}`);
}
