import { WarrenError } from "@warren/message";
import { anything, optionProblem, type Rule, shownValue } from "@warren/message/authoring";

/** Rules by name, made once: they are asked at every publish. */
export type GivenRules = ReadonlyMap<string, Rule>;

export function givenRules(rules: Readonly<Record<string, Rule>>): GivenRules {
  return new Map(Object.entries(rules));
}

/**
 * Refuses what the types refuse too, for callers without them.
 *
 * @throws WarrenError PUBLISH_INVALID
 */
export function checkGiven(given: unknown, rules: GivenRules): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new WarrenError("PUBLISH_INVALID", `options must be an object, not ${shownValue(given)}`);
  // Not Object.keys, which costs a list: what is inherited is told apart only when it has no rule.
  for (const name in given) {
    const rule = rules.get(name);
    if (rule === anything) continue;
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (rule === undefined ? Object.hasOwn(given, name) : value !== undefined && rule(value) !== undefined)
      throw new WarrenError("PUBLISH_INVALID", optionProblem(name, value, Object.fromEntries(rules))!);
  }
}
