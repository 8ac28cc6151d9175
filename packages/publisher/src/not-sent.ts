import { type Confirmation, WarrenError } from "@warren/message";
import type { Target } from "./publish-error.ts";
import { isMessage, type Sendable } from "./sendable.ts";

type Refused = Extract<Confirmation, { readonly status: "refused" }>;

/** The outcome of a publish that never reached its channel; what was thrown may be anything. */
export function notSent(thrown: unknown, messageId: string | undefined): Refused {
  return { status: "refused", stored: "no", messageId: messageId ?? "", error: reasonFor(thrown) };
}

export function publisherClosed(): WarrenError {
  return new WarrenError("PUBLISHER_CLOSED", "the publisher is closed");
}

/** What is known before the payload is; a message's routing key is a template. Nothing, when it cannot be read. */
export function intendedTarget(what: Sendable | undefined): Target {
  try {
    return isMessage(what)
      ? { exchange: what.exchange }
      : { exchange: what?.exchange, routingKey: what?.routingKey };
  } catch {
    return {};
  }
}

/** A schema, a codec or an option's function may throw what cannot even be looked at. */
function reasonFor(thrown: unknown): WarrenError {
  try {
    if (thrown instanceof WarrenError) return thrown;
    return new WarrenError("PUBLISH_INVALID", `the payload cannot be encoded: ${String(thrown)}`, {
      cause: thrown,
    });
  } catch {
    return new WarrenError("PUBLISH_INVALID", "the payload cannot be encoded, and the reason cannot be read");
  }
}
