import type { Acknowledgement, AnyMessage, Delivery, PayloadOf } from "@warren/message";

/** What a handler decided; nothing means `ack()`. */
export type HandlerResult = Acknowledgement | undefined | void;

/**
 * Does the work of one delivery. Its message is acknowledged after it returned or its promise was fulfilled; what it
 * throws is a retry, unless a rule or `markPermanent` says otherwise.
 */
export type HandlerFunction<Payload> = (
  payload: Payload,
  delivery: Delivery<Payload>,
) => HandlerResult | PromiseLike<HandlerResult>;

/** A handler and what it is for, made by `on` or `onAny`. `Exchange` is where its messages come from. */
export interface Handler<Exchange extends string = string> {
  /** Nothing: it takes whatever no other handler takes, and its payload is decoded when it is asked for. */
  readonly message: AnyMessage | undefined;
  readonly exchange: Exchange | undefined;
  readonly handle: HandlerFunction<never>;
}

/** Handles every delivery of that message's type, with the decoded and validated payload. */
export function on<M extends AnyMessage>(
  message: M,
  handle: HandlerFunction<PayloadOf<M>>,
): Handler<M["exchange"]> {
  return { message, exchange: message.exchange, handle };
}

/**
 * Handles every delivery that no `on` takes, whatever its type: for queues that others write to. `delivery.body` has
 * the bytes; `delivery.payload` decodes them by their content type when it is read, and throws DeliveryError
 * DECODE_FAILED, which dead-letters the message, when they cannot be.
 */
export function onAny(
  handle: (delivery: Delivery) => HandlerResult | PromiseLike<HandlerResult>,
): Handler<never> {
  return {
    message: undefined,
    exchange: undefined,
    handle: (_payload: never, delivery) => handle(delivery),
  };
}
