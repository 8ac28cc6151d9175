import type { Headers } from "./headers.ts";

/** The AMQP basic properties that an application sets. Texts have at most 255 bytes. */
export interface MessageProperties {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Written to disk before it is confirmed. @default true when publishing */
  readonly persistent?: boolean;
  /** 0 to 255; only queues declared with priorities heed it. */
  readonly priority?: number;
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** How long the message may wait in a queue before the broker drops or dead-letters it, in milliseconds. */
  readonly expirationMs?: number;
  readonly messageId?: string;
  /** AMQP carries whole seconds. */
  readonly timestamp?: Date;
  readonly type?: string;
  /** The broker refuses the publish (406) unless this is the user of the connection. */
  readonly userId?: string;
  readonly appId?: string;
  readonly headers?: Headers;
}

/** A message as it goes out, without a schema: the untyped form of `publish`. */
export interface Publishing extends MessageProperties {
  /** "" is the default exchange, where the routing key is a queue's name. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Uint8Array;
  /** Reject when no queue is bound. @default true */
  readonly mandatory?: boolean;
}
