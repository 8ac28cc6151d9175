import { aFunction, milliseconds } from "@warren/message/authoring";

/** What to do when a handler throws a certain kind of error: data, so that it can be read, listed and tested. */
export interface ErrorRule {
  /** The class: the rule is for its instances. */
  // oxlint-disable-next-line typescript/no-explicit-any -- `any` is what lets every constructor be assigned.
  readonly error: abstract new (...args: any[]) => object;
  /** Only for those of which this is true; what it throws counts as false. */
  readonly when?: (error: never) => boolean;
  readonly action: "ack" | "retry" | "dead-letter";
  /** With `retry`: the least delay, rounded up to a step of the ladder. */
  readonly delayMs?: number;
}

/** The first rule that fits. */
export function ruleFor(thrown: unknown, rules: readonly ErrorRule[]): ErrorRule | undefined {
  return rules.find((rule) => thrown instanceof rule.error && passes(rule, thrown));
}

function passes({ when }: ErrorRule, error: object): boolean {
  if (when === undefined) return true;
  try {
    return when(error as never);
  } catch {
    return false;
  }
}

/** What is wrong with rules that were written without the compiler. */
export function errorRuleProblems(rules: readonly ErrorRule[]): string[] {
  return rules.flatMap((rule, index) => {
    const at = `rules[${index}]`;
    const problems: string[] = [];
    if (typeof rule?.error !== "function") return [`${at}.error must be a class`];
    if (!["ack", "retry", "dead-letter"].includes(rule.action))
      problems.push(`${at}.action must be "ack", "retry" or "dead-letter"`);
    const when = rule.when === undefined ? undefined : aFunction(rule.when);
    if (when !== undefined) problems.push(`${at}.when ${when}`);
    const delayMs = rule.delayMs === undefined ? undefined : milliseconds()(rule.delayMs);
    if (delayMs !== undefined) problems.push(`${at}.delayMs ${delayMs}`);
    if (rule.delayMs !== undefined && rule.action !== "retry")
      problems.push(`${at}.delayMs is for the action "retry"`);
    return problems;
  });
}
