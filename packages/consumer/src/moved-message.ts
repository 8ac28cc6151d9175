import {
  copyHeaders,
  isBrokerHeader,
  type HeaderValue,
  type Publishing,
  typedHeader,
  warrenHeaderPrefix,
} from "@warren/message";
import type { Failure } from "./failure.ts";
import { failureHeaders } from "./failure-headers.ts";
import type { IncomingDelivery } from "./incoming-delivery.ts";
import { warrenHeader } from "./warren-header.ts";

/** Where a move goes. */
export interface MoveTarget {
  readonly exchange: string;
  readonly routingKey: string;
}

/** What the broker would act on, kept under a name that it does not know. */
const renamed: Readonly<Record<string, string>> = { CC: warrenHeader.cc, BCC: warrenHeader.bcc };

/**
 * The message as it is published to a wait queue or a dead-letter queue: same body, properties and headers, except what
 * the broker would act on. `x-death` and its like are dropped (with them a replayed message can be taken for a
 * cycle), the user id, the expiration and CC are kept under `x-warren-*` names. Always publishable: a header that
 * could not be sent stays behind, and `x-warren-dropped-headers` says why.
 */
export function movedMessage(
  delivery: IncomingDelivery,
  target: MoveTarget,
  failure: Failure,
  nowMs: number,
): Publishing {
  const { expiration, userId } = delivery.wire.properties;
  // oxlint-disable-next-line no-unused-vars -- taken out, so that the rest can be taken along
  const {
    headers: _headers,
    expirationMs: _expirationMs,
    userId: _userId,
    timestamp,
    ...properties
  } = delivery.properties;
  const copy = copyHeaders(delivery.wire.properties.headers, fromLibrary);
  const headers: Record<string, HeaderValue> = Object.create(null) as Record<string, HeaderValue>;
  for (const [name, value] of Object.entries(copy.headers)) {
    if (!isBrokerHeader(name) && !name.startsWith(warrenHeaderPrefix)) headers[renamed[name] ?? name] = value;
  }
  keep(
    headers,
    copy.headers,
    warrenHeader.cc,
    warrenHeader.bcc,
    warrenHeader.userId,
    warrenHeader.expiration,
  );
  if (userId !== undefined) headers[warrenHeader.userId] = userId;
  if (expiration !== undefined) headers[warrenHeader.expiration] = expiration;
  if (copy.problem !== undefined) headers[warrenHeader.droppedHeaders] = copy.problem;
  Object.assign(headers, failureHeaders(delivery, failure, nowMs));
  const known = timestamp !== undefined && !Number.isNaN(timestamp.getTime());
  return {
    ...properties,
    ...(known ? { timestamp } : {}),
    headers,
    exchange: target.exchange,
    routingKey: target.routingKey,
    body: delivery.body,
    mandatory: true,
  };
}

/** Own headers of an earlier move that this one has nothing newer for. */
function keep(
  headers: Record<string, HeaderValue>,
  from: Readonly<Record<string, HeaderValue>>,
  ...names: string[]
): void {
  for (const name of names) {
    if (from[name] !== undefined && headers[name] === undefined) headers[name] = from[name];
  }
}

/** amqplib's objects for AMQP types that JavaScript has not: kept as what they were. */
function fromLibrary(value: object): HeaderValue | undefined {
  const { "!": type, value: inner } = value as { readonly "!"?: unknown; readonly value?: unknown };
  if (type === "timestamp" && typeof inner === "number") return new Date(inner * 1000);
  if (type === "decimal") return typedHeader(type as never, inner as never);
  return undefined;
}
