import type { PublishControl } from "@warren/connection";
import type { MessageProperties, Publishing } from "@warren/message";
import { aBoolean, anObject, anything, milliseconds, type Rule, type Rules } from "@warren/message/authoring";
import { type GivenRules, givenRules } from "./check-given.ts";

/** What one publish of a message may say beside its payload. */
export interface PublishOptions
  extends Omit<MessageProperties, "type" | "contentType" | "contentEncoding">, PublishControl {
  /** Instead of the key that the message's template gives. */
  readonly routingKey?: string;
  /** Reject when no queue is bound. @default true */
  readonly mandatory?: boolean;
}

export const anAbortSignal: Rule = (value) =>
  value instanceof AbortSignal ? undefined : "must be an AbortSignal";

/** Texts and numbers are checked where they are put on the wire. */
export const ownPropertyRules: Rules<Omit<PublishOptions, keyof PublishControl>> = {
  routingKey: anything,
  mandatory: aBoolean,
  persistent: aBoolean,
  priority: anything,
  correlationId: anything,
  replyTo: anything,
  expirationMs: anything,
  messageId: anything,
  timestamp: (value) => (value instanceof Date ? undefined : "must be a Date"),
  userId: anything,
  appId: anything,
  headers: anObject,
};

const publishingRulesByName: Rules<Publishing> = {
  ...ownPropertyRules,
  exchange: anything,
  body: anything,
  type: anything,
  contentType: anything,
  contentEncoding: anything,
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
