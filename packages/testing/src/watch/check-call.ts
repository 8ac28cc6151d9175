import { ConfigError } from "@warren/message";
import {
  aFunction,
  anInteger,
  anObject,
  aShortString,
  milliseconds,
  objectProblems,
  resolveOptions,
  type Rules,
  shownValue,
} from "@warren/message/authoring";
import type { MessagePattern } from "./spied-message.ts";
import type { SettledOptions, SpyOptions } from "./watched-broker.ts";

const patternRules: Rules<MessagePattern> = {
  type: aShortString,
  exchange: aShortString,
  routingKey: aShortString,
};

const seenRules: Rules<Omit<SpyOptions<unknown>, "timeoutMs">> = { where: aFunction, queue: aShortString };

const spyRules: Rules<SpyOptions<unknown> & { readonly times?: number }> = {
  ...seenRules,
  timeoutMs: milliseconds(),
  times: anInteger(1),
};

const settledRules: Rules<SettledOptions> = { timeoutMs: milliseconds(), also: aFunction };

/** Of `handled(what, options)` and its like. @throws ConfigError INVALID_OPTION */
export function checkSpyCall(name: string, what: object, options: object | undefined): void {
  checkMessage(name, what);
  resolveOptions(name, options, {}, spyRules);
}

/** @throws ConfigError INVALID_OPTION */
export function checkSeenCall(what: object, options: object | undefined): void {
  checkMessage("seen", what);
  resolveOptions("seen", options, {}, seenRules);
}

/** @throws ConfigError INVALID_OPTION */
export function checkSettledCall(options: SettledOptions | undefined): void {
  resolveOptions("settled", options, {}, settledRules);
}

function checkMessage(name: string, what: object): void {
  if (anObject(what) !== undefined)
    throw new ConfigError(
      "INVALID_OPTION",
      `${name}: which message must be said by one of defineMessage() or by a pattern like { type: "order.placed" }, ` +
        `not ${shownValue(what)}`,
    );
  if ("schema" in what) return;
  const problems = objectProblems(what, patternRules);
  if (problems.length > 0)
    throw new ConfigError(
      "INVALID_OPTION",
      problems.map((problem) => `${name}: ${problem}`),
    );
}
