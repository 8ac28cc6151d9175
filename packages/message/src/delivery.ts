import type { Headers } from "./headers.ts";
import type { MessageProperties } from "./publishing.ts";

/** A message as it comes in, on its way through middleware to a handler. */
export interface Delivery<Payload = unknown> {
  /** Decoded and validated: the schema's output. Raw handlers get what the codec made of the body. */
  readonly payload: Payload;
  /** The bytes as they were on the wire. Copy them if you keep them: they hold a whole network chunk in memory. */
  readonly body: Uint8Array;
  readonly properties: MessageProperties;
  /** Own keys only, without a prototype. What others wrote there is a claim, never an identity. */
  readonly headers: Headers;
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  readonly messageId: string | undefined;
  /** A hint: true when some consumer may have seen it before; false proves nothing after a retry or a move. */
  readonly redelivered: boolean;
  /** 1 the first time; counts Warren's own retries, across processes and restarts. */
  readonly attempt: number;
  /** How often a quorum queue delivered it before, as the broker counts; undefined the first time and on other queues. */
  readonly deliveryCount: number | undefined;
  /** Position in a stream; undefined on other queues. */
  readonly streamOffset: number | undefined;
  /** When it arrived in this process. */
  readonly receivedAt: Date;
  /** Aborts at the handler's timeout, at the shutdown deadline and when the channel is gone. */
  readonly signal: AbortSignal;
}
