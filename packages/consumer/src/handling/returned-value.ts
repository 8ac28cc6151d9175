import { type Acknowledgement, deadLetter, DeliveryError } from "@warren/message";
import { isAcknowledgement, shownValue } from "@warren/message/authoring";
import type { Handler } from "./handler.ts";

const warned = new WeakSet<Handler>();

/**
 * What a handler's result means. It returned, so its work is done and must not be done again: what is no acknowledgement
 * counts as none given, which is an ack. But what has an `action` of its own may have been meant as a decision, and an ack
 * would lose the message: it is dead-lettered, which loses nothing and repeats nothing. Both are warned of once a handler.
 */
export function acknowledgementOf(returned: unknown, handler: Handler): Acknowledgement | undefined {
  if (returned === undefined || returned === null || isAcknowledgement(returned))
    return returned ?? undefined;
  const action: unknown =
    typeof returned === "object" ? (returned as { action?: unknown }).action : undefined;
  if (action === undefined || action === "ack") {
    warnOnce(handler, `${shapeOf(returned)}; that counts as ack()`);
    return undefined;
  }
  const what = `${shapeOf(returned)} and the action ${shownValue(action)}, which none of ack(), retry(), deadLetter() and requeue() made`;
  warnOnce(handler, `${what}; the message is dead-lettered`);
  return deadLetter(`the handler returned ${what}`, new DeliveryError("HANDLER_FAILED", what));
}

/**
 * The same of a middleware. What `next` gives is never nothing, so that whoever returns nothing has lost it, and the handler
 * may still be at work: an ack would lose the message where it fails.
 */
export function acknowledgementOfMiddleware(
  returned: unknown,
  handler: Handler,
): Acknowledgement | undefined {
  if (returned !== undefined && returned !== null) return acknowledgementOf(returned, handler);
  const what = "a middleware returned nothing; it has to end with: return next(delivery)";
  return deadLetter(what, new DeliveryError("HANDLER_FAILED", what));
}

function warnOnce(handler: Handler, what: string): void {
  if (warned.has(handler)) return;
  warned.add(handler);
  const of = handler.message === undefined ? "onAny" : `"${handler.message.type}"`;
  process.emitWarning(
    `the handler of ${of} returned ${what}. Return nothing, or one of ack(), retry(), deadLetter() and requeue().`,
    { type: "WarrenWarning", code: "WARREN_RETURN" },
  );
}

const maxNames = 10;

/** Names, never values: they may be anything. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  const names = Object.keys(value);
  const shown = names.slice(0, maxNames).join(", ");
  return names.length === 0
    ? "an object"
    : `an object with the properties ${shown}${names.length > maxNames ? ", …" : ""}`;
}
