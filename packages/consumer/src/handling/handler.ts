import type { Acknowledgement, AnyMessage, Delivery, InputOf, PayloadOf } from "@warren/message";
import { aFunction, type Rules } from "@warren/message/authoring";
import { aMessage, checkHandlerArguments } from "./handler-arguments.ts";

/**
 * What a handler decided; nothing means `ack()`. Anything that `ack()`, `retry()`, `deadLetter()` and `requeue()` did not
 * make counts as nothing too, unless it has another `action` than "ack": then the message is dead-lettered with
 * HANDLER_FAILED, since it may have been meant. The first of them is told by a process warning, WARREN_RETURN.
 */
export type HandlerResult = Acknowledgement | undefined | void;

/**
 * Does the work of one delivery. Its message is acknowledged after it returned or its promise was fulfilled; what it
 * throws is a retry, unless a rule or `markPermanent` says otherwise.
 */
export type HandlerFunction<Payload> = (
  payload: Payload,
  delivery: Delivery<Payload>,
) => HandlerResult | PromiseLike<HandlerResult>;

/**
 * Does the work of several deliveries of one type, in the order in which they came. Nothing returned means that all
 * are done, a list says it for each (nothing in it means `ack()`), and what it throws counts for all.
 */
export type BatchFunction<Payload> = (
  payloads: readonly Payload[],
  deliveries: readonly Delivery<Payload>[],
) => BatchResult | PromiseLike<BatchResult>;

export type BatchResult = readonly (Acknowledgement | undefined | void)[] | undefined | void;

/** Answers one request: with the payload of the reply, or with several, one after the other, from an async generator. */
export type ReplyFunction<Payload, Answer = unknown> = (
  payload: Payload,
  delivery: Delivery<Payload>,
) => Answer | PromiseLike<Answer> | AsyncIterable<Answer>;

export interface ReplyOptions<Answer extends AnyMessage> {
  /** The message that answers: types, checks and encodes what the handler returns. @default anything, as JSON */
  readonly reply?: Answer;
}

/** What is called, and how its result is understood. */
export type Work =
  | { readonly kind: "single"; readonly handle: HandlerFunction<never> }
  | { readonly kind: "batch"; readonly handle: BatchFunction<never> }
  | {
      readonly kind: "reply";
      readonly handle: ReplyFunction<never>;
      readonly answer: AnyMessage | undefined;
    };

/** A handler and what it is for, made by `on`, `onBatch`, `onAny` or `reply`. `Exchange` is where its messages come from. */
export interface Handler<Exchange extends string = string> {
  /** Nothing: it takes whatever no other handler takes, and its payload is decoded when it is asked for. */
  readonly message: AnyMessage | undefined;
  readonly exchange: Exchange | undefined;
  readonly work: Work;
  /** The key within which order is kept; deliveries of other handlers with the same key count as well. */
  readonly orderBy: ((payload: never, delivery: Delivery) => string) | undefined;
}

export interface HandlerOptions<Payload> {
  /**
   * Handles messages of the same key one after another, while those of other keys run beside them. One that fails is
   * retried in place, and those behind it wait. Across processes it takes a queue with a single active consumer.
   * @default not ordered
   */
  readonly orderBy?: (payload: Payload, delivery: Delivery<Payload>) => string;
}

const rules: Rules<HandlerOptions<unknown>> = { orderBy: aFunction };
const replyRules: Rules<ReplyOptions<AnyMessage>> = { reply: aMessage };

/**
 * Handles every delivery of that message's type, with the decoded and validated payload.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function on<M extends AnyMessage>(
  message: M,
  handle: HandlerFunction<PayloadOf<M>>,
  options: HandlerOptions<PayloadOf<M>> = {},
): Handler<M["exchange"]> {
  checkHandlerArguments({ by: "on", message: { given: message }, handle, options, rules });
  return {
    message,
    exchange: message.exchange,
    work: { kind: "single", handle },
    orderBy: options.orderBy,
  };
}

/**
 * Handles deliveries of that message's type many at a time; the consumer's `batch` option says how many.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function onBatch<M extends AnyMessage>(
  message: M,
  handle: BatchFunction<PayloadOf<M>>,
): Handler<M["exchange"]>;
export function onBatch(message: AnyMessage, handle: BatchFunction<never>, options?: unknown): Handler {
  checkHandlerArguments({ by: "onBatch", message: { given: message }, handle, options, rules: {} });
  return { message, exchange: message.exchange, work: { kind: "batch", handle }, orderBy: undefined };
}

/**
 * Handles every delivery that no `on` takes, whatever its type: for queues that others write to. `delivery.body` has
 * the bytes; `delivery.payload` decodes them by their content type when it is read, and throws DeliveryError
 * DECODE_FAILED, which dead-letters the message, when they cannot be. Compressed bodies are left as they are.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function onAny(
  handle: (delivery: Delivery) => HandlerResult | PromiseLike<HandlerResult>,
): Handler<never>;
export function onAny(
  handle: (delivery: Delivery) => HandlerResult | PromiseLike<HandlerResult>,
  options?: unknown,
): Handler<never> {
  checkHandlerArguments({ by: "onAny", handle, options, rules: {} });
  const single: HandlerFunction<never> = (_payload, delivery) => handle(delivery);
  return {
    message: undefined,
    exchange: undefined,
    work: { kind: "single", handle: single },
    orderBy: undefined,
  };
}

/**
 * Serves requests:
 *
 * ```ts
 * reply(QuoteAsked, async ({ productId }) => ({ total: await priceOf(productId) }), { reply: Quote })
 * ```
 *
 * The message `reply` types, checks and encodes what the handler returns; without it anything is sent, as JSON, whatever
 * the requester expects. What is returned is published to the request's `replyTo` with its `correlationId`, confirmed,
 * and then the request is acknowledged. Several replies come from an async generator; the last one carries the header
 * `x-warren-last-reply: true`. What the handler throws is answered too, with its code and message in the headers
 * `x-warren-error-code` and `x-warren-error-message`, and is not retried: nobody waits that long.
 *
 * A confirm says that the broker took the reply, not that the requester is still there.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function reply<M extends AnyMessage, Answer extends AnyMessage = AnyMessage>(
  message: M,
  handle: ReplyFunction<PayloadOf<M>, InputOf<Answer>>,
  options: ReplyOptions<Answer> = {},
): Handler<M["exchange"]> {
  checkHandlerArguments({ by: "reply", message: { given: message }, handle, options, rules: replyRules });
  const work: Work = { kind: "reply", handle, answer: options.reply };
  return { message, exchange: message.exchange, work, orderBy: undefined };
}
