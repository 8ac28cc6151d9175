import type { AnyMessage, PayloadOf } from "@warren/message";
import type { Properties } from "../broker/codec/properties.ts";

/** A message as it went by. */
export interface SpiedMessage<Payload = unknown> {
  /** Decoded and validated, as a handler gets it: the schema's output. */
  readonly payload: Payload;
  readonly body: Buffer;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: SpiedProperties;
}

export type SpiedProperties = Readonly<Omit<Properties, "headers">>;

/** A publish that the broker did not take. */
export interface SpiedRefusal<Payload = unknown> extends SpiedMessage<Payload> {
  /** For example NO_ROUTE. */
  readonly reason: string;
}

/** A message in the hands of a consumer. */
export interface SpiedDelivery<Payload = unknown> extends SpiedMessage<Payload> {
  readonly queue: string;
  /** 1 the first time; counts the retries of Warren's consumers. Of a failure: the attempt that failed. */
  readonly attempt: number;
}

/** A message that a consumer could not handle. */
export interface SpiedFailure<Payload = unknown> extends SpiedDelivery<Payload> {
  /** What the handler threw, where Warren's consumer moved the message; else what the broker did with it. */
  readonly reason: string;
  /** Warren's error code, for example HANDLER_FAILED. */
  readonly code: string | undefined;
}

/** A failure that is tried again later. */
export interface SpiedRetry<Payload = unknown> extends SpiedFailure<Payload> {
  /** How long it waits. */
  readonly delayMs: number | undefined;
}

/** What can be awaited, and what of it is told. */
export interface Spied<Payload = unknown> {
  /** Confirmed by the broker; without publisher confirms, sent. */
  readonly published: SpiedMessage<Payload>;
  /** No queue was found for it. */
  readonly returned: SpiedRefusal<Payload>;
  /** Answered with a nack. */
  readonly refused: SpiedRefusal<Payload>;
  /** Handed to a consumer, which has not answered yet. */
  readonly delivered: SpiedDelivery<Payload>;
  /** Acked by its consumer, or delivered to one that does not ack. */
  readonly handled: SpiedDelivery<Payload>;
  /** Moved to a queue in which it waits for its next attempt. */
  readonly retried: SpiedRetry<Payload>;
  /** Given back to its queue by its consumer. */
  readonly requeued: SpiedFailure<Payload>;
  /** In a dead-letter queue: moved by Warren's consumer, or rejected, or returned too often. */
  readonly deadLettered: SpiedFailure<Payload>;
  /** Rejected where no dead-letter exchange leads anywhere: gone. */
  readonly dropped: SpiedFailure<Payload>;
}

/** Which messages are meant, where there is no `defineMessage` of them. Its payload is what the codec makes of it. */
export interface MessagePattern {
  /** The `type` property. */
  readonly type?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
}

export type SpiedPayload<What extends AnyMessage | MessagePattern> = What extends AnyMessage
  ? PayloadOf<What>
  : unknown;
