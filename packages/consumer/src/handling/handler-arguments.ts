import { type AnyMessage, ConfigError } from "@warren/message";
import { anObject, objectProblems, type Rule, shownValue } from "@warren/message/authoring";

/** What a handler was made with, by a program without types perhaps. */
export interface HandlerArguments {
  /** `on`, for example. */
  readonly by: string;
  /** What it handles; nothing for a handler that is for no message of its own. */
  readonly message?: { readonly given: unknown };
  readonly handle: unknown;
  readonly options: unknown;
  readonly rules: Readonly<Record<string, Rule>>;
}

export const aMessage: Rule = (value) =>
  isMessage(value) ? undefined : "must be a message of defineMessage";

/** @throws ConfigError INVALID_OPTION, listing everything that is wrong. */
export function checkHandlerArguments({ by, message, handle, options, rules }: HandlerArguments): void {
  const problems: string[] = [];
  if (message !== undefined && !isMessage(message.given))
    problems.push(
      `what it is for must be a message of defineMessage, not ${shownValue(message.given)}${typeof message.given === "string" ? "; onAny takes messages whatever their type" : ""}`,
    );
  if (typeof handle !== "function")
    problems.push(`the handler must be a function, not ${shownValue(handle)}`);
  if (options !== undefined && anObject(options) !== undefined)
    problems.push(`options must be an object, not ${shownValue(options)}`);
  else problems.push(...objectProblems(options ?? {}, rules));
  if (problems.length > 0)
    throw new ConfigError(
      "INVALID_OPTION",
      problems.map((problem) => `${by}: ${problem}`),
    );
}

function isMessage(value: unknown): value is AnyMessage {
  const { type, routingKeyPattern } = (value ?? {}) as Partial<AnyMessage>;
  return typeof type === "string" && typeof routingKeyPattern === "string";
}
