import type { PublishControl } from "@warren/connection";
import type { Headers, MessageProperties, Publishing } from "@warren/message";
import {
  aBoolean,
  anInteger,
  anObject,
  aShortString,
  bodyProblem,
  milliseconds,
  reservedHeaderProblem,
  type Rule,
  type Rules,
} from "@warren/message/authoring";
import { type GivenRules, givenRules } from "./check-given.ts";

/** What one publish of a message may say beside its payload. */
export interface PublishOptions
  extends Omit<MessageProperties, "type" | "contentType" | "contentEncoding">, PublishControl {
  /** Instead of the key that the message's template gives. */
  readonly routingKey?: string;
  /** Reject when no queue is bound. @default true */
  readonly mandatory?: boolean;
}

export const anAbortSignal: Rule = (value) => (isAbortSignal(value) ? undefined : "must be an AbortSignal");

/** What has only the prototype of one throws as soon as it is asked anything. */
function isAbortSignal(value: unknown): boolean {
  try {
    return value instanceof AbortSignal && typeof value.aborted === "boolean";
  } catch {
    return false;
  }
}

/** Each name in an application's headers that is not for it to write. */
export function headersProblems(headers: Headers): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => reservedHeaderProblem({ [name]: value }) ?? []);
}

const headers: Rule = Object.assign((value: unknown) => anObject(value), {
  parts: (value: unknown) => (anObject(value) === undefined ? headersProblems(value as Headers) : []),
});

const aBody: Rule = Object.assign(
  (value: unknown) => (value instanceof Uint8Array ? undefined : "must be a Uint8Array"),
  { parts: (value: unknown) => [bodyProblem(value)].filter((problem) => problem !== undefined) },
);

export const ownPropertyRules: Rules<Omit<PublishOptions, keyof PublishControl>> = {
  routingKey: aShortString,
  mandatory: aBoolean,
  persistent: aBoolean,
  priority: anInteger(0, 255),
  correlationId: aShortString,
  replyTo: aShortString,
  expirationMs: anInteger(0, 2 ** 32 - 1),
  messageId: aShortString,
  timestamp: (value) => (value instanceof Date ? undefined : "must be a Date"),
  userId: aShortString,
  appId: aShortString,
  headers,
};

const publishingRulesByName: Rules<Publishing> = {
  ...ownPropertyRules,
  exchange: aShortString,
  body: aBody,
  type: aShortString,
  contentType: aShortString,
  contentEncoding: aShortString,
};

const controlRulesByName: Rules<PublishControl> = {
  replay: aBoolean,
  signal: anAbortSignal,
  confirmTimeoutMs: milliseconds(1),
  deliveryTimeoutMs: milliseconds(1),
};

export const publishingRules: GivenRules = givenRules(publishingRulesByName);
export const publishControlRules: GivenRules = givenRules(controlRulesByName);
export const publishOptionRules: GivenRules = givenRules({ ...ownPropertyRules, ...controlRulesByName });

/** One id for all of them would make duplicates of all but the first. */
const { messageId: _messageId, ...sharedPropertyRules } = ownPropertyRules;

export const publishAllOptionRules: GivenRules = givenRules({
  ...sharedPropertyRules,
  ...controlRulesByName,
});
