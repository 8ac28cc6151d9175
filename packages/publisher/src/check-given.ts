import { WarrenError } from "@warren/message";
import { anything, objectProblems, problemList, type Rule, shownValue } from "@warren/message/authoring";

/** What may be given to a publish. */
export interface GivenRules {
  readonly byName: Readonly<Record<string, Rule>>;
  /** Those that are asked at every publish, made once. */
  readonly asked: ReadonlyMap<string, Rule>;
}

/** The channel checks these of every publish as it writes them; here they are only told beside another problem. */
const checkedByChannel: ReadonlySet<string> = new Set([
  "exchange",
  "routingKey",
  "body",
  "type",
  "contentType",
  "contentEncoding",
  "priority",
  "correlationId",
  "replyTo",
  "expirationMs",
  "messageId",
  "userId",
  "appId",
]);

export function givenRules(byName: Readonly<Record<string, Rule>>): GivenRules {
  const asked = Object.entries(byName).map(
    ([name, rule]) => [name, checkedByChannel.has(name) ? anything : rule] as const,
  );
  return { byName, asked: new Map(asked) };
}

/**
 * Refuses what the types refuse too, for callers without them.
 *
 * @throws WarrenError PUBLISH_INVALID, with everything that is wrong.
 */
export function checkGiven(given: unknown, { byName, asked }: GivenRules): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new WarrenError("PUBLISH_INVALID", `options must be an object, not ${shownValue(given)}`);
  // Not Object.keys, which costs a list: what is inherited is told apart only when it has no rule.
  for (const name in given) {
    const rule = asked.get(name);
    if (rule === anything) continue;
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (rule === undefined ? Object.hasOwn(given, name) : value !== undefined && rule(value) !== undefined)
      throw invalid(problemsOf(given, byName));
  }
}

/** An option that is inherited counts as well. */
function problemsOf(given: object, byName: Readonly<Record<string, Rule>>): readonly string[] {
  const inherited = Object.keys(byName)
    .filter((name) => name in given)
    .map((name) => [name, (given as Readonly<Record<string, unknown>>)[name]] as const);
  return objectProblems({ ...given, ...Object.fromEntries(inherited) }, byName);
}

export function invalid(problems: readonly string[]): WarrenError {
  return new WarrenError("PUBLISH_INVALID", problemList(problems), { context: { problems } });
}
