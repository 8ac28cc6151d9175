import type { Headers } from "./headers.ts";

/** Headers by which Warren keeps account of retries and dead letters. Applications read them and never write them. */
export const warrenHeaderPrefix = "x-warren-";

const brokerNames: ReadonlySet<string> = new Set(["x-death", "x-delivery-count", "x-acquired-count"]);
const brokerPrefixes = ["x-first-death-", "x-last-death-"];
const senderSelected: ReadonlySet<string> = new Set(["CC", "BCC"]);

/**
 * Whether the broker writes this header and acts on it when a client sends it back: with a stale `x-death` RabbitMQ
 * 3.10 takes a replayed message for a cycle and keeps it in its wait queue for good.
 */
export function isBrokerHeader(name: string): boolean {
  return brokerNames.has(name) || brokerPrefixes.some((prefix) => name.startsWith(prefix));
}

/** Whether an application may not send this header: it is Warren's or the broker's account of the message. */
export function isReservedHeader(name: string): boolean {
  return name.startsWith(warrenHeaderPrefix) || isBrokerHeader(name);
}

/**
 * What is wrong with the names in an application's headers, or nothing. `CC` and `BCC` are not reserved: they are
 * RabbitMQ's sender-selected distribution, and routing a copy is the sender's right. They must be lists of texts, since
 * anything else closes the channel.
 */
export function reservedHeaderProblem(headers: Headers): string | undefined {
  for (const name of Object.keys(headers)) {
    if (name.startsWith(warrenHeaderPrefix))
      return `headers.${name} is reserved: Warren writes ${warrenHeaderPrefix}*`;
    if (isBrokerHeader(name)) return `headers.${name} is reserved: the broker writes it`;
    if (senderSelected.has(name) && !isListOfTexts(headers[name]))
      return `headers.${name} must be a list of routing keys`;
  }
  return undefined;
}

/**
 * The headers of a delivery that may go out again with another publish: without the reserved ones, and without `CC` and
 * `BCC`, which would route the new message to the old one's extra keys.
 */
export function forwardableHeaders(headers: Headers): Headers {
  const copy = Object.create(null) as Record<string, Headers[string]>;
  for (const name of Object.keys(headers)) {
    if (!isReservedHeader(name) && !senderSelected.has(name)) copy[name] = headers[name]!;
  }
  return copy;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
