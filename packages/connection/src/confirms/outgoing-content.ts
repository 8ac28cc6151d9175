import { headerProblem, type Publishing } from "@warren/message";
import { toWireProperties } from "../channel/wire-properties.ts";
import type { OutgoingContent } from "./outgoing.ts";

/** What a message without a body costs: its entry, its properties, a short header. */
const overheadBytes = 512;

/** RabbitMQ refuses more (406). */
const maxExpirationMs = 2 ** 32 - 1;

/** An AMQP short string has at most 255 bytes; no text of up to 85 characters can have more. */
function isTooLong(text: string | undefined): boolean {
  return text !== undefined && text.length > 85 && Buffer.byteLength(text) > 255;
}

const shortStrings = [
  "exchange",
  "routingKey",
  "contentType",
  "contentEncoding",
  "correlationId",
  "replyTo",
  "messageId",
  "type",
  "userId",
  "appId",
] as const satisfies readonly (keyof Publishing)[];

/**
 * Why the publishing cannot be written, or nothing. Everything that amqplib or the broker would refuse is found here,
 * because either of them takes the other publishes of the channel along.
 */
export function publishingProblem(publishing: Publishing, maxBodyBytes: number): string | undefined {
  for (const name of shortStrings) {
    const text: unknown = publishing[name];
    if (text === undefined) continue;
    if (typeof text !== "string") return `${name} is not a text`;
    if (isTooLong(text)) return `${name} is longer than 255 bytes`;
  }
  const { body, priority, expirationMs, timestamp, headers } = publishing;
  if (!(body instanceof Uint8Array)) return "the body is not a Uint8Array";
  if (body.byteLength > maxBodyBytes)
    return `the body has ${body.byteLength} bytes, more than maxBodyBytes ${maxBodyBytes}`;
  if (priority !== undefined && !isWhole(priority, 255)) return `priority is ${priority}, not 0 to 255`;
  if (expirationMs !== undefined && !isWhole(expirationMs, maxExpirationMs))
    return `expirationMs is ${expirationMs}, not a whole number from 0 to ${maxExpirationMs}`;
  if (timestamp !== undefined && !(timestamp.getTime() >= 0)) return "timestamp is not a date after 1970";
  return headers === undefined ? undefined : headerProblem(headers);
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

/** What is handed to amqplib, made once however often it is written. */
export function outgoingContent(publishing: Publishing): OutgoingContent {
  const { exchange, routingKey, body } = publishing;
  return {
    fields: {
      exchange,
      routingKey,
      mandatory: publishing.mandatory ?? !isReplyAddress(exchange, routingKey),
    },
    properties: toWireProperties(publishing),
    body: Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    bytes: body.byteLength + overheadBytes,
  };
}

/** RabbitMQ returns every mandatory reply to a direct reply-to address, although it arrives. */
function isReplyAddress(exchange: string, routingKey: string): boolean {
  return exchange === "" && routingKey.startsWith("amq.rabbitmq.reply-to");
}
