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
export type { InputOf, Message, MessageDefinition, PayloadOf } from "./define-message.ts";
export { type Acknowledgement, ack, deadLetter, markPermanent, requeue, retry } from "./acknowledgement.ts";
export type { Confirmation } from "./confirmation.ts";
export type { Delivery } from "./delivery.ts";
export type { MessageProperties, Publishing } from "./publishing.ts";
export { type Headers, type HeaderValue, typedHeader } from "./headers.ts";
export { type Codec, codecs } from "./codec.ts";
export { jsonCodec, type JsonCodecOptions } from "./codecs/json.ts";
export { forwardableHeaders } from "./reserved-headers.ts";
export type { Middleware, Next } from "./middleware.ts";
export { diagnostics } from "./diagnostics.ts";
export {
  BrokerError,
  ConfigError,
  ConnectionError,
  DeliveryError,
  PublishError,
  WarrenError,
} from "./errors.ts";

// For library authors
export type { AnyMessage } from "./define-message.ts";
export { errorCodes, type ErrorCode } from "./error-codes.ts";
export type { BrokerErrorDetails, ErrorContext, ErrorDetails } from "./errors.ts";
export { type Backoff, backoffMs } from "./backoff.ts";
export { didYouMean } from "./closest-name.ts";
export type { Codecs } from "./codec.ts";
export {
  type DecimalHeader,
  decimalHeader,
  headerLimits,
  isDecimalHeader,
  isTypedHeader,
  type TypedHeader,
} from "./headers.ts";
export { copyHeaders, type HeaderConversion, type HeaderCopy, headerProblem } from "./copy-headers.ts";
export {
  isBrokerHeader,
  isReservedHeader,
  reservedHeaderProblem,
  warrenHeaderPrefix,
} from "./reserved-headers.ts";
export {
  compress,
  type ContentEncoding,
  decompress,
  type DecompressionLimits,
  decompressionLimits,
} from "./content-encoding.ts";
export { InFlight } from "./in-flight.ts";
export { isPermanent } from "./acknowledgement.ts";
export { compose } from "./middleware.ts";
export {
  aBoolean,
  aFunction,
  anArray,
  anInteger,
  anObject,
  anything,
  aShortString,
  either,
  literally,
  milliseconds,
  oneOf,
  resolveOptions,
  optionProblem,
} from "./options.ts";
export type { Rule, Rules } from "./options.ts";
export { shownValue } from "./shown-value.ts";
export { schemaError, validate, type Validation } from "./validate.ts";
