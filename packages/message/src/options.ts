import { didYouMean } from "./closest-name.ts";
import { ConfigError } from "./errors.ts";
import { shownValue } from "./shown-value.ts";

/** Says what is wrong with a value ("must be …"), or nothing when it is fine. */
export type Rule = (value: unknown) => string | undefined;

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
  const problems: string[] = [];
  const resolved: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(input ?? {})) {
    const problem = optionProblem(name, value, rules);
    if (problem !== undefined) problems.push(`${what}: ${problem}`);
    else if (value !== undefined) resolved[name] = value;
  }
  if (problems.length > 0) throw new ConfigError("INVALID_OPTION", problems);
  return resolved as Options & Defaults;
}

/** What is wrong with one option, or nothing; an explicit `undefined` is an option that is not there. */
export function optionProblem<Options>(
  name: string,
  value: unknown,
  rules: Rules<Options>,
): string | undefined {
  const rule = Object.hasOwn(rules, name) ? rules[name as keyof Options] : undefined;
  if (rule === undefined) return `unknown option "${name}".${didYouMean(name, Object.keys(rules))}`;
  const complaint = value === undefined ? undefined : rule(value);
  return complaint === undefined ? undefined : `${name} ${complaint}, not ${shownValue(value)}`;
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
  return (value) => {
    const complaints = rules.map((rule) => rule(value));
    return complaints.includes(undefined) ? undefined : complaints.join(", or ");
  };
}

export function literally(expected: unknown): Rule {
  return (value) => (value === expected ? undefined : `must be ${String(expected)}`);
}
