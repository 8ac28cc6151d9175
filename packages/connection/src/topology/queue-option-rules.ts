import {
  aBoolean,
  anArray,
  anInteger,
  anObject,
  aShortString,
  either,
  literally,
  oneOf,
  type Rule,
  shownValue,
} from "@warren/message/authoring";
import type { QueueOption } from "./queue-option-types.ts";

/** RabbitMQ's longest expiry and TTL: ten years. */
const brokerMs = 315_360_000_000;

export const queueOptionRules: Readonly<Record<QueueOption, Rule>> = {
  type: oneOf("quorum", "classic", "stream"),
  durable: aBoolean,
  exclusive: aBoolean,
  autoDelete: aBoolean,
  bindings: anArray,
  retry: either(anObject, literally(false)),
  deadLetter: either(aBoolean, anObject),
  maxLength: anInteger(0),
  maxLengthBytes: anInteger(0),
  overflow: oneOf("drop-head", "reject-publish", "reject-publish-dlx"),
  messageTtlMs: anInteger(0, brokerMs),
  expiresMs: anInteger(1, brokerMs),
  deliveryLimit: anInteger(0, 2 ** 31 - 1),
  singleActiveConsumer: aBoolean,
  maxPriority: anInteger(1, 255),
  leaderLocator: oneOf("client-local", "balanced"),
  initialGroupSize: anInteger(1, 255),
  initialClusterSize: anInteger(1, 255),
  maxAge: matching(/^[1-9][0-9]*[YMDhms]$/, "must be a whole number and one of Y M D h m s"),
  maxSegmentSizeBytes: anInteger(1, 3_000_000_000),
  filterSizeBytes: anInteger(16, 255),
  lazy: aBoolean,
  queueVersion: literally(2),
  arguments: anObject,
};

export const retryRules: Readonly<Record<string, Rule>> = {
  delaysMs: Object.assign((value: unknown) => ladder(value), { parts: wrongSteps }),
};

export const deadLetterRules: Readonly<Record<string, Rule>> = {
  queue: aShortString,
  exchange: aShortString,
  routingKey: aShortString,
};

export const bindingRules: Readonly<Record<string, Rule>> = {
  exchange: aShortString,
  routingKey: aShortString,
  arguments: anObject,
};

function matching(pattern: RegExp, complaint: string): Rule {
  return (value) => (typeof value === "string" && pattern.test(value) ? undefined : complaint);
}

const step = anInteger(1, brokerMs);

/** Which of the steps are none. */
function wrongSteps(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) return [];
  const steps: readonly unknown[] = value;
  return steps.flatMap((delay, index) =>
    step(delay) === undefined
      ? []
      : [`${path}[${index}]: must be whole milliseconds from 1 to ${brokerMs}, not ${shownValue(delay)}`],
  );
}

function ladder(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0)
    return "must be an array with at least one step; for no retries say retry: false";
  if (!value.every((delay) => step(delay) === undefined))
    return `must be whole milliseconds from 1 to ${brokerMs}`;
  return value.every((delay, index) => index === 0 || delay >= value[index - 1])
    ? undefined
    : "must rise from step to step, or stay the same";
}
