import { type Confirmation, type ErrorCode, PublishError } from "@warren/message";

export type Confirmed = Extract<Confirmation, { readonly status: "confirmed" }>;
export type NotConfirmed = Exclude<Confirmation, { readonly status: "confirmed" }>;

/** Codes that say by themselves what became of the publish; any other is the cause of a PUBLISH_REFUSED. */
const ownCodes: ReadonlySet<ErrorCode> = new Set([
  "PUBLISH_INVALID",
  "PUBLISH_BUFFER_FULL",
  "PUBLISH_ABORTED",
  "PUBLISHER_CLOSED",
]);

/** Where a publish goes, for a sentence. */
export function describeTarget({
  exchange,
  routingKey,
}: {
  readonly exchange: string;
  readonly routingKey: string;
}): string {
  return exchange === "" ? `the queue "${routingKey}"` : `"${exchange}" with the routing key "${routingKey}"`;
}

/** The error of a publish that did not end in a confirm. `target` is where it was sent, for the sentence. */
export function publishError(outcome: NotConfirmed, target: string): PublishError {
  switch (outcome.status) {
    case "returned":
      return new PublishError(
        "PUBLISH_RETURNED",
        `no queue took the publish to ${target}: ${outcome.replyCode} ${outcome.replyText}`,
        outcome,
      );
    case "nacked":
      return new PublishError(
        "PUBLISH_NACKED",
        `a queue refused the publish to ${target}; another queue may have it`,
        outcome,
      );
    case "timed-out":
      return new PublishError(
        "PUBLISH_TIMEOUT",
        `the publish to ${target} was not confirmed within ${Math.round(outcome.afterMs)} ms; stored: ${outcome.stored}`,
        outcome,
      );
    case "unknown":
      return new PublishError(
        "PUBLISH_UNKNOWN",
        `the publish to ${target} was written and its outcome is unknown: ${outcome.error.sentence}`,
        outcome,
        { cause: outcome.error },
      );
    case "refused": {
      const { error } = outcome;
      return ownCodes.has(error.code)
        ? new PublishError(error.code, `the publish to ${target} was refused: ${error.sentence}`, outcome, {
            cause: error,
            context: error.context,
          })
        : new PublishError(
            "PUBLISH_REFUSED",
            `the broker refused the publish to ${target}: ${error.sentence}`,
            outcome,
            { cause: error },
          );
    }
  }
}
