import { isUtf8 } from "node:buffer";
import { jsonCodec, type Headers, type MessageProperties } from "@warren/message";
import { escapeJson } from "../terminal.ts";
import { decodeHeaders, encodeHeaders } from "./envelope-headers.ts";
import { parseProperty } from "./property-flag.ts";

/** One message as one line of JSON: what `consume -o ndjson` writes and `publish --input envelope` reads. */
export interface EnvelopeMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue?: string;
  readonly redelivered?: boolean;
  readonly deliveryCount?: number | undefined;
  readonly offset?: number | undefined;
  readonly receivedAt?: Date;
  readonly properties: MessageProperties;
  readonly body: Uint8Array;
  /** Fields that Warren does not know, or that only a delivery has, from the envelope that it came in. */
  readonly kept?: Readonly<Record<string, unknown>>;
}

/** What an envelope says about a message to publish. Exchange and routing key may be left to the command. */
export interface DecodedEnvelope extends Pick<EnvelopeMessage, "properties" | "body"> {
  readonly exchange: string | undefined;
  readonly routingKey: string | undefined;
  readonly kept: Readonly<Record<string, unknown>>;
}

export type BodyForm = "auto" | "json" | "base64";

const version = 1;

/**
 * @param bodyAs `auto` is UTF-8 where the bytes are that, else base64, so a round trip is exact. `json` shows the body
 *   as JSON where parsing and printing it gives the same bytes, and is otherwise like `auto`.
 */
export function encodeEnvelope(
  message: EnvelopeMessage,
  bodyAs: BodyForm = "auto",
  more: object = {},
): string {
  const { headers, ...properties } = message.properties;
  return escapeJson(
    JSON.stringify({
      ...message.kept,
      v: version,
      exchange: message.exchange,
      routingKey: message.routingKey,
      ...pick(message, ["queue", "redelivered", "deliveryCount", "offset", "receivedAt"]),
      properties: {
        ...(message.kept?.["properties"] as object | undefined),
        ...encodeProperties(properties),
      },
      ...(headers === undefined || Object.keys(headers).length === 0 ? {} : encodeHeaders(headers)),
      ...encodeBody(message.body, bodyAs),
      ...more,
    }),
  );
}

function encodeProperties(properties: Omit<MessageProperties, "headers">): object {
  const { persistent, expirationMs, timestamp, ...same } = properties;
  return {
    ...same,
    ...(persistent === undefined ? {} : { deliveryMode: persistent ? 2 : 1 }),
    ...(expirationMs === undefined ? {} : { expiration: String(expirationMs) }),
    ...(timestamp === undefined || Number.isNaN(timestamp.getTime())
      ? {}
      : { timestamp: timestamp.toISOString() }),
  };
}

function encodeBody(body: Uint8Array, bodyAs: BodyForm): object {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bodyAs === "base64" || !isUtf8(bytes))
    return { body: bytes.toString("base64"), bodyEncoding: "base64" };
  const text = bytes.toString();
  if (bodyAs === "json") {
    const value = parsesBack(text);
    if (value !== undefined) return { body: value.json, bodyEncoding: "json" };
  }
  return { body: text, bodyEncoding: "utf8" };
}

function parsesBack(text: string): { readonly json: unknown } | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return JSON.stringify(json) === text ? { json } : undefined;
  } catch {
    return undefined;
  }
}

// The envelope is hostile input too: a number that JavaScript would round is refused, as is nesting without end.
const json = jsonCodec();

/** The message of one envelope, or what is wrong with it. Unknown fields are kept, delivery-only ones ignored. */
export function decodeEnvelope(
  line: Uint8Array,
): { readonly envelope: DecodedEnvelope } | { readonly complaint: string } {
  let input: unknown;
  try {
    input = json.decode(line);
  } catch (error) {
    return {
      complaint: `cannot be read as JSON: ${(error as { sentence?: string }).sentence ?? String(error)}`,
    };
  }
  if (typeof input !== "object" || input === null || Array.isArray(input))
    return { complaint: "is no JSON object" };
  return decodeFields(input as Record<string, unknown>);
}

function decodeFields(
  input: Record<string, unknown>,
): { readonly envelope: DecodedEnvelope } | { readonly complaint: string } {
  const {
    v = version,
    exchange,
    routingKey,
    properties = {},
    headers = {},
    headerTypes,
    body,
    ...rest
  } = input;
  const { bodyEncoding, fate: _earlier, ...kept } = rest;
  if (v !== version)
    return { complaint: `is an envelope of version ${String(v)}; this warren knows ${version}` };
  for (const [name, value] of Object.entries({ exchange, routingKey }))
    if (value !== undefined && typeof value !== "string") return { complaint: `${name} must be a text` };
  const decodedProperties = decodeProperties(properties);
  if ("complaint" in decodedProperties) return decodedProperties;
  const decodedHeaders = decodeHeaders(headers, headerTypes);
  if ("complaint" in decodedHeaders) return decodedHeaders;
  const decodedBody = decodeBody(body, bodyEncoding);
  if ("complaint" in decodedBody) return decodedBody;
  return {
    envelope: {
      exchange: exchange as string | undefined,
      routingKey: routingKey as string | undefined,
      properties: withHeaders(decodedProperties.properties, decodedHeaders.headers),
      body: decodedBody.body,
      kept: { ...kept, properties: decodedProperties.kept },
    },
  };
}

function withHeaders(properties: MessageProperties, headers: Headers): MessageProperties {
  return Object.keys(headers).length === 0 ? properties : { ...properties, headers };
}

function decodeProperties(
  input: unknown,
): { properties: MessageProperties; kept: object } | { readonly complaint: string } {
  if (typeof input !== "object" || input === null) return { complaint: "properties must be an object" };
  let properties: MessageProperties = {};
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    if (value === null) continue;
    if (typeof value !== "string" && typeof value !== "number") {
      kept[name] = value;
      continue;
    }
    const parsed = parseProperty(name, String(value));
    if ("property" in parsed) properties = { ...properties, ...parsed.property };
    else if (parsed.unknown) kept[name] = value;
    else return { complaint: parsed.complaint };
  }
  return { properties, kept };
}

function decodeBody(
  body: unknown,
  encoding: unknown,
): { readonly body: Buffer } | { readonly complaint: string } {
  if (body === undefined) return { complaint: "has no body" };
  const form = encoding ?? (typeof body === "string" ? "utf8" : "json");
  if (form === "json") return { body: Buffer.from(JSON.stringify(body)) };
  if (typeof body !== "string")
    return { complaint: `body must be a text when bodyEncoding is ${JSON.stringify(form)}` };
  if (form === "utf8") return { body: Buffer.from(body) };
  if (form !== "base64") return { complaint: `bodyEncoding must be utf8, json or base64` };
  const bytes = Buffer.from(body, "base64");
  return bytes.toString("base64") === body ? { body: bytes } : { complaint: "body is no base64" };
}

function pick(message: EnvelopeMessage, names: readonly (keyof EnvelopeMessage)[]): object {
  return Object.fromEntries(
    names.flatMap((name) => (message[name] === undefined ? [] : [[name, message[name]]])),
  );
}
