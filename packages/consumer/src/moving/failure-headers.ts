import type { Headers } from "@warren/message";
import { type Failure, stackOf } from "../handling/failure.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { warrenHeader } from "./warren-header.ts";

/** All that a move says about its failure, names included: room for it is left by `headerLimits`. */
export const maxFailureBytes = 8_192;

/** A stack helps the reader of a dead letter; a message of this length says more than a longer one would. */
const maxMessageBytes = 1_024;

/** A frame of a table entry: the length of the name, the type, the length of the text. */
const entryBytes = 6;

/** What a move says about its failure, in {@link maxFailureBytes} at most; what gives way is the stack. */
export function failureHeaders(delivery: IncomingDelivery, failure: Failure, nowMs: number): Headers {
  const now = new Date(nowMs).toISOString();
  const headers: Record<string, string | number> = {
    [warrenHeader.attempt]: delivery.attempt,
    [warrenHeader.errorCode]: failure.code,
    [warrenHeader.errorMessage]: trimmed(failure.reason, maxMessageBytes),
    [warrenHeader.firstFailedAt]: firstFailure(delivery) ?? now,
    [warrenHeader.lastFailedAt]: now,
    [warrenHeader.originExchange]: delivery.exchange,
    [warrenHeader.originRoutingKey]: delivery.routingKey,
    [warrenHeader.originQueue]: delivery.queue,
  };
  const stack = stackOf(failure);
  if (stack !== undefined) {
    const left = maxFailureBytes - sizeOf(headers) - warrenHeader.errorStack.length - entryBytes;
    headers[warrenHeader.errorStack] = trimmed(stack, left);
  }
  return headers;
}

function sizeOf(headers: Readonly<Record<string, string | number>>): number {
  return Object.entries(headers).reduce(
    (bytes, [name, value]) => bytes + name.length + entryBytes + Buffer.byteLength(String(value)),
    0,
  );
}

/** The time that the first move wrote; a forged one is at least a time. */
function firstFailure(delivery: IncomingDelivery): string | undefined {
  const value = delivery.header(warrenHeader.firstFailedAt);
  return typeof value === "string" && value.length <= 30 && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

/** At most so many bytes, never half a character. */
export function trimmed(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes));
  if (text.length <= maxBytes && bytes.length <= maxBytes) return text;
  const ellipsis = "…";
  let end = Math.max(0, Math.min(bytes.length, maxBytes - Buffer.byteLength(ellipsis)));
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString() + ellipsis;
}
