import { replyNames } from "../amqp-error.ts";

/** What a value must be, where it is not. */
export type OptionCheck = (value: unknown) => string | undefined;

/** One for each option: what has none is no option. */
export type OptionChecks<Options> = { readonly [Name in keyof Required<Options>]: OptionCheck };

/** @throws RangeError with every problem at once; `undefined` counts as left out, which those that are `needed` must not be */
export function checkOptions<Options extends object>(
  name: string,
  options: Options,
  checks: OptionChecks<Options>,
  needed: readonly (keyof Options & string)[] = [],
): void {
  const known = new Map<string, OptionCheck>(Object.entries(checks));
  const missing = needed.filter((option) => options[option] === undefined);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const problems = [...given, ...missing.map((option) => [option, undefined] as const)].flatMap(
    ([option, value]) => {
      const check = known.get(option);
      if (check === undefined) return [`there is no option "${option}", but ${listed([...known.keys()])}`];
      const wanted = check(value);
      return wanted === undefined ? [] : [`${option} must be ${wanted}`];
    },
  );
  if (problems.length > 0) throw new RangeError(`faults.${name}: ${problems.join("; ")}`);
}

/** A whole number. */
export function aNumberFrom(least: number): OptionCheck {
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= least ? undefined : `a whole number from ${least} on`;
}

export const aProbability: OptionCheck = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 ? undefined : "between 0 and 1";

export const milliseconds: OptionCheck = (value) =>
  typeof value === "number" && value >= 0 && Number.isFinite(value) ? undefined : "a number of milliseconds";

export const aText: OptionCheck = (value) => (typeof value === "string" ? undefined : "a text");

export const aFunction: OptionCheck = (value) => (typeof value === "function" ? undefined : "a function");

export const aReplyCode: OptionCheck = (value) =>
  typeof value === "number" && value in replyNames
    ? undefined
    : `one of the reply codes ${Object.keys(replyNames).join(", ")}`;

export function oneOf(...values: readonly string[]): OptionCheck {
  return (value) => (values.some((each) => each === value) ? undefined : listed(values));
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop() ?? "none at all";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}
