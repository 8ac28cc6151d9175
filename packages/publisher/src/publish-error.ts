import { BrokerError, type Confirmation, type ErrorCode, PublishError } from "@warren/message";
import { type ErrorContext, shownValue } from "@warren/message/authoring";

export type Confirmed = Extract<Confirmation, { readonly status: "confirmed" }>;
export type NotConfirmed = Exclude<Confirmation, { readonly status: "confirmed" }>;

/** Codes that say by themselves what became of the publish; any other is the cause of a PUBLISH_REFUSED. */
const ownCodes: ReadonlySet<ErrorCode> = new Set([
  "PUBLISH_INVALID",
  "PUBLISH_BUFFER_FULL",
  "PUBLISH_ABORTED",
  "PUBLISHER_CLOSED",
  "CONNECTION_CLOSED",
]);

/** Where a publish goes. What is missing was not known yet when it ended, as the key of a payload that is not valid. */
export interface Target {
  readonly exchange?: string | undefined;
  readonly routingKey?: string | undefined;
}

/** The error of a publish that did not end in a confirm. */
export function publishError(outcome: NotConfirmed, target: Target): PublishError {
  const publish = `the publish${placeOf(target)}`;
  const context = contextOf(target, outcome.messageId);
  switch (outcome.status) {
    case "returned":
      return new PublishError(
        "PUBLISH_RETURNED",
        `no queue took ${publish}: ${outcome.replyCode} ${outcome.replyText}; ${wayOutOfNoRoute(target)}`,
        outcome,
        { context },
      );
    case "nacked":
      return new PublishError(
        "PUBLISH_NACKED",
        `a queue refused ${publish}; another queue may have it`,
        outcome,
        { context },
      );
    case "timed-out":
      return new PublishError(
        "PUBLISH_TIMEOUT",
        `${publish} was not confirmed within ${Math.round(outcome.afterMs)} ms; stored: ${outcome.stored}`,
        outcome,
        { context },
      );
    case "unknown":
      return new PublishError(
        "PUBLISH_UNKNOWN",
        `${publish} was written and its outcome is unknown: ${outcome.error.sentence}`,
        outcome,
        { cause: outcome.error, context },
      );
    case "refused": {
      const { error } = outcome;
      const isOwn = ownCodes.has(error.code);
      const sentence =
        error instanceof BrokerError
          ? `the broker refused ${publish}: ${error.sentence}`
          : `${publish} was refused: ${error.sentence}`;
      return new PublishError(isOwn ? error.code : "PUBLISH_REFUSED", sentence, outcome, {
        cause: error,
        context: { ...(isOwn ? error.context : {}), ...context },
      });
    }
  }
}

function wayOutOfNoRoute({ exchange }: Target): string {
  const there = exchange === "" ? "declare that queue" : "bind a queue with a key that matches";
  return `${there}, or publish with mandatory: false if nobody needs to hear it`;
}

/** ` to "orders" with the routing key "order.eu"`. */
export function placeOf({ exchange, routingKey }: Target): string {
  if (exchange === undefined) return "";
  if (exchange === "" && routingKey !== undefined) return ` to the queue ${shownName(routingKey)}`;
  return ` to ${shownName(exchange)}${routingKey === undefined ? "" : ` with the routing key ${shownName(routingKey)}`}`;
}

/** Whole, unless it is no name at all, as callers without types may give one. */
function shownName(name: unknown): string {
  return typeof name === "string" ? `"${name}"` : shownValue(name);
}

/** Without what is not known. */
export function contextOf({ exchange, routingKey }: Target, messageId = ""): ErrorContext {
  return {
    ...(exchange === undefined ? {} : { exchange }),
    ...(routingKey === undefined ? {} : { routingKey }),
    ...(messageId === "" ? {} : { messageId }),
  };
}
