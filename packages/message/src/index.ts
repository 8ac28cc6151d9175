/**
 * Warren's vocabulary. No I/O and no AMQP library: the other packages, and code that is to be tested without a
 * broker, share these words.
 *
 * - A **Message** is a kind of message: its type, exchange, routing key and schema ({@link defineMessage}).
 * - A **Publishing** goes out, a **Delivery** comes in.
 * - A **Confirmation** answers a publish: confirmed, returned, nacked, refused, timed-out or unknown.
 * - An **Acknowledgement** answers a delivery: {@link ack}, {@link retry}, {@link deadLetter} or {@link requeue}.
 * - A **Middleware** stands around a handler; a **Codec** turns payloads into bytes and back.
 * - Every error is a {@link WarrenError} with a code; `docs/errors.md` explains each.
 *
 * What libraries on top of it need beside these is in `@warren/message/authoring`.
 *
 * ```ts
 * const OrderPlaced = defineMessage({
 *   type: "order.placed",
 *   exchange: "orders",
 *   routingKey: "order.placed.{region}",
 *   schema: z.object({ id: z.string(), region: z.enum(["eu", "us"]), total: z.number() }),
 * });
 * ```
 */

// For applications
export { defineMessage } from "./define-message.ts";
export type { AnyMessage, InputOf, Message, MessageDefinition, PayloadOf } from "./define-message.ts";
export { type Acknowledgement, ack, deadLetter, markPermanent, requeue, retry } from "./acknowledgement.ts";
export type { Confirmation } from "./confirmation.ts";
export type { Delivery } from "./delivery.ts";
export type { MessageProperties, Publishing } from "./publishing.ts";
export {
  type DecimalHeader,
  decimalHeader,
  type Headers,
  type HeaderValue,
  type TypedHeader,
  typedHeader,
} from "./headers.ts";
export type { Codec } from "./codec.ts";
export { type Codecs, codecs } from "./codecs.ts";
export { jsonCodec, type JsonCodecOptions } from "./codecs/json.ts";
export type { ContentEncoding } from "./content-encoding.ts";
export { forwardableHeaders } from "./reserved-headers.ts";
export type { Middleware, Next } from "./middleware.ts";
export type { Backoff } from "./backoff.ts";
export { diagnostics, type DiagnosticsChannel, type DiagnosticsEvents } from "./diagnostics.ts";
export { type ErrorCode, errorCodes } from "./error-codes.ts";
export {
  BrokerError,
  ConfigError,
  ConnectionError,
  DeliveryError,
  PublishError,
  WarrenError,
} from "./errors.ts";
