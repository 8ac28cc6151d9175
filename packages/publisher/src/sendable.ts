import { type AnyMessage, type Publishing, WarrenError } from "@warren/message";
import { shownValue } from "@warren/message/authoring";

/** What can be published: a message, whose payload comes beside it, or a publishing, which has its bytes already. */
export type Sendable = AnyMessage | Publishing;

export function isMessage(what: unknown): what is AnyMessage {
  return typeof what === "object" && what !== null && "routingKeyFor" in what;
}

/**
 * For callers without types, and for a message that an import cycle has left undefined.
 *
 * @throws WarrenError PUBLISH_INVALID
 */
export function checkSendable(what: unknown): void {
  if (typeof what !== "object" || what === null || Array.isArray(what))
    throw new WarrenError(
      "PUBLISH_INVALID",
      `what to publish must be a message of defineMessage, or { exchange, routingKey, body }, not ${shownValue(what)}`,
    );
}
