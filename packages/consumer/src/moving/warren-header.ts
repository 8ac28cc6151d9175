export type WarrenHeader =
  | "attempt"
  | "errorCode"
  | "errorMessage"
  | "errorStack"
  | "firstFailedAt"
  | "lastFailedAt"
  | "originExchange"
  | "originRoutingKey"
  | "originQueue"
  | "userId"
  | "expiration"
  | "cc"
  | "bcc"
  | "droppedHeaders"
  | "droppedProperties"
  | "lastReply";

/** What a moved message says about itself. Written at each move, so that what a sender put there does not last. */
export const warrenHeader: Readonly<Record<WarrenHeader, string>> = Object.freeze({
  /** How many attempts have failed. */
  attempt: "x-warren-attempt",
  errorCode: "x-warren-error-code",
  errorMessage: "x-warren-error-message",
  errorStack: "x-warren-error-stack",
  /** ISO 8601. */
  firstFailedAt: "x-warren-first-failed-at",
  lastFailedAt: "x-warren-last-failed-at",
  originExchange: "x-warren-origin-exchange",
  originRoutingKey: "x-warren-origin-routing-key",
  originQueue: "x-warren-origin-queue",
  /** Properties that the broker would act on: a foreign user id closes the channel, an expiration deletes dead letters. */
  userId: "x-warren-user-id",
  expiration: "x-warren-expiration",
  /** CC would route every move to the old keys again. */
  cc: "x-warren-cc",
  bcc: "x-warren-bcc",
  /** Why some headers could not be taken along. */
  droppedHeaders: "x-warren-dropped-headers",
  /** Which properties could not be taken along, and why. */
  droppedProperties: "x-warren-dropped-properties",
  /** On a reply: no further one follows. */
  lastReply: "x-warren-last-reply",
});
