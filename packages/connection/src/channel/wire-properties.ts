import type { Headers, HeaderValue, MessageProperties } from "@warren/message";
import { isDecimalHeader, isTypedHeader } from "@warren/message/authoring";

/** basic.properties as amqplib reads and writes them. */
export interface WireProperties {
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly deliveryMode?: number | undefined;
  readonly priority?: number | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly expiration?: string | undefined;
  readonly messageId?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly appId?: string | undefined;
}

/** Headers as amqplib encodes them. The map has no prototype: amqplib's encoder also walks inherited names. */
export function toWireHeaders(headers: Headers | undefined): Record<string, unknown> {
  const wire: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (headers === undefined) return wire;
  for (const name of Object.keys(headers)) wire[name] = toWireValue(headers[name]!);
  return wire;
}

function toWireValue(value: HeaderValue): unknown {
  if (typeof value === "bigint") return { "!": "int64", value: Number(value) };
  if (typeof value === "number") return fitsInt64OrHasFraction(value) ? value : { "!": "double", value };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return { "!": "timestamp", value: Math.floor(value.getTime() / 1000) };
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (isTypedHeader(value) || isDecimalHeader(value)) return { "!": value.headerType, value: value.value };
  if (Array.isArray(value)) return (value as readonly HeaderValue[]).map(toWireValue);
  return toWireHeaders(value as Headers);
}

/** amqplib takes large fractions and whole numbers below -2^63 for an int64, and throws. */
function fitsInt64OrHasFraction(value: number): boolean {
  return Number.isInteger(value) ? value >= -(2 ** 63) : Math.abs(value) < 2 ** 50;
}

/** Headers from the wire: own keys only, no prototype, whatever the sender called them. */
export function fromWireHeaders(wire: Readonly<Record<string, unknown>> | undefined): Headers {
  const headers: Record<string, HeaderValue> = Object.create(null) as Record<string, HeaderValue>;
  if (wire === undefined) return headers;
  for (const name of Object.keys(wire)) headers[name] = fromWireValue(wire[name]);
  return headers;
}

function fromWireValue(value: unknown): HeaderValue {
  if (typeof value !== "object" || value === null) return value as HeaderValue;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(fromWireValue);
  const typed = value as { readonly "!"?: unknown; readonly value?: unknown };
  if (typed["!"] === "timestamp") return new Date(Number(typed.value) * 1000);
  return fromWireHeaders(value as Record<string, unknown>);
}

export function toWireProperties(properties: MessageProperties): WireProperties {
  return {
    contentType: properties.contentType,
    contentEncoding: properties.contentEncoding,
    headers: properties.headers === undefined ? undefined : toWireHeaders(properties.headers),
    deliveryMode: (properties.persistent ?? true) ? 2 : 1,
    priority: properties.priority,
    correlationId: properties.correlationId,
    replyTo: properties.replyTo,
    expiration: properties.expirationMs === undefined ? undefined : String(properties.expirationMs),
    messageId: properties.messageId,
    timestamp:
      properties.timestamp === undefined ? undefined : Math.floor(properties.timestamp.getTime() / 1000),
    type: properties.type,
    userId: properties.userId,
    appId: properties.appId,
  };
}

/** The properties of a delivery; what the sender did not set is absent. */
export function fromWireProperties(wire: WireProperties): MessageProperties {
  const properties: Record<string, unknown> = {};
  const keep = (name: string, value: unknown): void => {
    if (value !== undefined) properties[name] = value;
  };
  keep("contentType", wire.contentType);
  keep("contentEncoding", wire.contentEncoding);
  keep("persistent", wire.deliveryMode === undefined ? undefined : wire.deliveryMode === 2);
  keep("priority", wire.priority);
  keep("correlationId", wire.correlationId);
  keep("replyTo", wire.replyTo);
  keep("expirationMs", wire.expiration === undefined ? undefined : Number(wire.expiration));
  keep("messageId", wire.messageId);
  keep("timestamp", wire.timestamp === undefined ? undefined : new Date(wire.timestamp * 1000));
  keep("type", wire.type);
  keep("userId", wire.userId);
  keep("appId", wire.appId);
  keep("headers", fromWireHeaders(wire.headers));
  return properties;
}
