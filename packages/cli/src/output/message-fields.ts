import type { MessageProperties } from "@warren/message";

/** A message as the printers get it: a delivery without its payload. */
export interface PrintableMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  readonly redelivered: boolean;
  readonly deliveryCount: number | undefined;
  readonly offset: number | undefined;
  readonly receivedAt: Date;
  readonly properties: MessageProperties;
  readonly body: Buffer;
}

/** Every single-valued field of a message by the name that the envelope and `--format` have for it. */
export const messageFields: Readonly<Record<string, (message: PrintableMessage) => string>> = {
  exchange: (message) => message.exchange,
  routingKey: (message) => message.routingKey,
  queue: (message) => message.queue,
  redelivered: (message) => String(message.redelivered),
  deliveryCount: (message) => optional(message.deliveryCount),
  offset: (message) => optional(message.offset),
  receivedAt: (message) => message.receivedAt.toISOString(),
  size: (message) => String(message.body.length),
  contentType: ({ properties }) => properties.contentType ?? "",
  contentEncoding: ({ properties }) => properties.contentEncoding ?? "",
  deliveryMode: ({ properties }) =>
    properties.persistent === undefined ? "" : properties.persistent ? "2" : "1",
  priority: ({ properties }) => optional(properties.priority),
  correlationId: ({ properties }) => properties.correlationId ?? "",
  replyTo: ({ properties }) => properties.replyTo ?? "",
  expiration: ({ properties }) => optional(properties.expirationMs),
  messageId: ({ properties }) => properties.messageId ?? "",
  timestamp: ({ properties }) => timeText(properties.timestamp),
  type: ({ properties }) => properties.type ?? "",
  userId: ({ properties }) => properties.userId ?? "",
  appId: ({ properties }) => properties.appId ?? "",
};

function optional(value: number | undefined): string {
  return value === undefined ? "" : String(value);
}

function timeText(time: Date | undefined): string {
  return time === undefined || Number.isNaN(time.getTime()) ? "" : time.toISOString();
}
