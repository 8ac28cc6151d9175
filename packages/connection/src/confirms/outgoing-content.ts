import type { Publishing } from "@warren/message";
import { bodyProblem, copyHeaders, type HeaderCopy } from "@warren/message/authoring";
import { toWireProperties } from "../channel/wire-properties.ts";
import type { OutgoingContent } from "./outgoing.ts";

/**
 * What keeping a publish costs beside its body and headers: its properties, its place in the books, the caller's promise
 * and what waits for it (2 kB), and as much again for what the garbage collector has not found yet.
 */
const overheadBytes = 4_096;

/** RabbitMQ refuses more (406). */
const maxExpirationMs = 2 ** 32 - 1;

const noHeaders: HeaderCopy = { headers: {}, problem: undefined, bytes: 0 };

/**
 * What is to be written for a publishing, or why it cannot be. Everything that amqplib or the broker would refuse is
 * found here, because either of them takes the other publishes of the channel along.
 */
export function outgoingContent(
  publishing: Publishing,
  maxBodyBytes: number,
): OutgoingContent | { readonly problem: string } {
  const { exchange, routingKey, body } = publishing;
  const headers = publishing.headers === undefined ? noHeaders : copyHeaders(publishing.headers);
  const problem =
    bodyProblem(body) ??
    sizeProblem(body, maxBodyBytes) ??
    numberProblem(publishing) ??
    textProblem(publishing) ??
    headers.problem;
  if (problem !== undefined) return { problem };
  return {
    fields: {
      exchange,
      routingKey,
      mandatory: publishing.mandatory ?? !isReplyAddress(exchange, routingKey),
    },
    properties: toWireProperties(
      headers === noHeaders ? publishing : { ...publishing, headers: headers.headers },
    ),
    body: Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    bytes: body.byteLength + headers.bytes + overheadBytes,
  };
}

function sizeProblem(body: Uint8Array, maxBodyBytes: number): string | undefined {
  return body.byteLength > maxBodyBytes
    ? `the body has ${body.byteLength} bytes, more than maxBodyBytes ${maxBodyBytes}`
    : undefined;
}

function numberProblem({ priority, expirationMs, timestamp }: Publishing): string | undefined {
  if (priority !== undefined && !isWhole(priority, 255))
    return `priority is ${priority}, not a whole number from 0 to 255`;
  if (expirationMs !== undefined && !isWhole(expirationMs, maxExpirationMs))
    return `expirationMs is ${expirationMs}, not a whole number from 0 to ${maxExpirationMs}`;
  return timestamp !== undefined && !(timestamp.getTime() >= 0)
    ? "timestamp is not a date after 1970"
    : undefined;
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function textProblem(publishing: Publishing): string | undefined {
  return (
    shortStringProblem("exchange", publishing.exchange) ??
    shortStringProblem("routingKey", publishing.routingKey) ??
    shortStringProblem("contentType", publishing.contentType ?? "") ??
    shortStringProblem("contentEncoding", publishing.contentEncoding ?? "") ??
    shortStringProblem("correlationId", publishing.correlationId ?? "") ??
    shortStringProblem("replyTo", publishing.replyTo ?? "") ??
    shortStringProblem("messageId", publishing.messageId ?? "") ??
    shortStringProblem("type", publishing.type ?? "") ??
    shortStringProblem("userId", publishing.userId ?? "") ??
    shortStringProblem("appId", publishing.appId ?? "")
  );
}

/** An AMQP short string has at most 255 bytes; no text of up to 85 characters can have more. */
function shortStringProblem(name: string, text: unknown): string | undefined {
  if (typeof text !== "string") return `${name} is not a text`;
  return text.length > 85 && Buffer.byteLength(text) > 255 ? `${name} is longer than 255 bytes` : undefined;
}

/** RabbitMQ returns every mandatory reply to a direct reply-to address, although it arrives. */
function isReplyAddress(exchange: string, routingKey: string): boolean {
  return exchange === "" && routingKey.startsWith("amq.rabbitmq.reply-to");
}
