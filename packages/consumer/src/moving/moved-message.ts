import { fromWireProperties } from "@warren/connection";
import type { Headers, HeaderValue, MessageProperties, Publishing } from "@warren/message";
import { copyHeaders, headerProblem, isBrokerHeader, warrenHeaderPrefix } from "@warren/message/authoring";
import type { Failure } from "../handling/failure.ts";
import { failureHeaders, trimmed } from "./failure-headers.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { fromLibrary } from "./library-header.ts";
import { warrenHeader } from "./warren-header.ts";

/** Where a move goes. */
export interface MoveTarget {
  readonly exchange: string;
  readonly routingKey: string;
}

/** What an earlier move has written about what it took out of the properties. */
const taken: readonly string[] = [
  warrenHeader.cc,
  warrenHeader.bcc,
  warrenHeader.userId,
  warrenHeader.expiration,
  warrenHeader.droppedProperties,
];

type MutableHeaders = Record<string, HeaderValue>;

/** What the broker would act on, kept under a name that it does not know. */
const renamed: Readonly<Record<string, string>> = { CC: warrenHeader.cc, BCC: warrenHeader.bcc };

/**
 * The message as it is published to a wait queue or a dead-letter queue: same body, properties and headers, except what
 * the broker would act on. `x-death` and its like are dropped (with them a replayed message can be taken for a
 * cycle); the user id, the expiration and CC are kept under `x-warren-*` names. Always publishable: a header
 * or a property that could not be sent stays behind, and `x-warren-dropped-headers` or `x-warren-dropped-properties` says why.
 */
export function movedMessage(
  delivery: IncomingDelivery,
  target: MoveTarget,
  failure: Failure,
  nowMs: number,
): Publishing {
  const without = tooLong(delivery);
  return {
    ...movedProperties(delivery, without),
    headers: movedHeaders(delivery, failureHeaders(delivery, failure, nowMs), without),
    exchange: target.exchange,
    routingKey: trimmed(target.routingKey, maxShortBytes),
    body: delivery.body,
    mandatory: true,
  };
}

/** What fits into a short string. On the wire it did too; but bytes that are no UTF-8 become three each as they are read. */
const maxShortBytes = 255;

const shortTexts = [
  "contentType",
  "contentEncoding",
  "correlationId",
  "replyTo",
  "messageId",
  "type",
  "appId",
] as const;

type ShortText = (typeof shortTexts)[number];

/** Left out, not cut: half a correlation id is another one. */
function tooLong({ wire }: IncomingDelivery): readonly ShortText[] {
  return shortTexts.filter((name) => Buffer.byteLength(wire.properties[name] ?? "") > maxShortBytes);
}

function movedProperties(delivery: IncomingDelivery, without: readonly ShortText[]): MessageProperties {
  const properties = fromWireProperties({
    ...delivery.wire.properties,
    ...Object.fromEntries(without.map((name) => [name, undefined])),
    headers: undefined,
    userId: undefined,
    expiration: undefined,
  });
  if (properties.timestamp === undefined || properties.timestamp.getTime() >= 0) return properties;
  const { timestamp: _unsendable, ...others } = properties;
  return others;
}

function movedHeaders(
  { wire, moved }: IncomingDelivery,
  failureHeaders: Headers,
  without: readonly ShortText[],
): Headers {
  const { headers: original, problem } = copyHeaders(wire.properties.headers, fromLibrary);
  const headers: MutableHeaders = Object.create(null) as MutableHeaders;
  Object.assign(headers, failureHeaders);
  // Of an earlier move, which has taken them out of the properties; this one may know better. Nobody else may write a
  // user id there that the broker has not checked.
  for (const name of taken) if (moved && original[name] !== undefined) headers[name] = original[name];
  const { userId, expiration } = wire.properties;
  if (userId !== undefined) headers[warrenHeader.userId] = userId;
  if (expiration !== undefined) headers[warrenHeader.expiration] = expiration;
  if (problem !== undefined) headers[warrenHeader.droppedHeaders] = problem;
  if (without.length > 0)
    headers[warrenHeader.droppedProperties] =
      `${without.join(", ")}: longer than ${maxShortBytes} bytes as UTF-8`;
  for (const name of Object.keys(original)) {
    if (!isBrokerHeader(name) && !name.startsWith(warrenHeaderPrefix))
      headers[renamed[name] ?? name] = original[name]!;
  }
  return fitting(headers);
}

/** Within the limits of a publish: the stack gives way first, then what comes last. */
function fitting(headers: MutableHeaders): Headers {
  if (headerProblem(headers) === undefined) return headers;
  delete headers[warrenHeader.errorStack];
  const { headers: fitted, problem } = copyHeaders(headers);
  return problem === undefined ? fitted : { ...fitted, [warrenHeader.droppedHeaders]: problem };
}
