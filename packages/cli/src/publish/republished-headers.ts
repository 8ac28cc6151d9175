import { forwardableHeaders, type Headers, type HeaderValue } from "@warren/message";
import { isReservedHeader } from "@warren/message/authoring";

export interface RepublishedHeaders {
  readonly headers: Headers;
  /** The names of those that stay behind. */
  readonly leftOut: readonly string[];
}

/**
 * The headers of an envelope that go out with it. What the broker and Warren wrote stays behind: RabbitMQ 3.10 takes a
 * message with a stale `x-death` for a cycle, and the attempts of a dead letter are used up. So does the `CC` of what
 * was consumed: it would route copies to the old keys once more.
 */
export function republishedHeaders(headers: Headers, wasConsumed: boolean): RepublishedHeaders {
  const going = wasConsumed ? forwardableHeaders(headers) : withoutReserved(headers);
  const leftOut = Object.keys(headers).filter((name) => !Object.hasOwn(going, name));
  return { headers: going, leftOut };
}

/** What was never sent keeps the routing that its author gave it. */
function withoutReserved(headers: Headers): Headers {
  const going = Object.create(null) as Record<string, HeaderValue>;
  for (const [name, value] of Object.entries(headers)) if (!isReservedHeader(name)) going[name] = value;
  return going;
}
