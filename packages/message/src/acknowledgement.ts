import { ConfigError } from "./errors.ts";

/** Survives two installed copies, and a copy that a middleware makes with `{ ...acknowledgement }`. */
const brand = Symbol.for("warren.acknowledgement");

/**
 * What a handler decided about a delivery. A handler that returns nothing has decided {@link ack}, one that throws
 * has decided {@link retry}, unless a rule says otherwise.
 *
 * Made by {@link ack}, {@link retry}, {@link deadLetter} and {@link requeue} only: a row of a database may have an `action`
 * too, so that what merely looks like one is none.
 */
export type Acknowledgement =
  | { readonly action: "ack" }
  | { readonly action: "retry"; readonly delayMs?: number; readonly reason: string; readonly error?: unknown }
  | { readonly action: "dead-letter"; readonly reason: string; readonly error?: unknown }
  | { readonly action: "requeue" };

const acked: Acknowledgement = Object.freeze(made({ action: "ack" }));
const requeued: Acknowledgement = Object.freeze(made({ action: "requeue" }));

function made<A extends Acknowledgement>(acknowledgement: A): A {
  return { ...acknowledgement, [brand]: true };
}

/** Whether one of this module's functions made it, or it is a copy of what they made. */
export function isAcknowledgement(value: unknown): value is Acknowledgement {
  return (
    typeof value === "object" && value !== null && (value as { readonly [brand]?: unknown })[brand] === true
  );
}

/** Done: the broker deletes the message from the queue. */
export function ack(): Acknowledgement {
  return acked;
}

/**
 * Not now: the message goes to a wait queue and comes back after its delay, as attempt + 1. After the last attempt
 * it is dead-lettered.
 *
 * `delayMs` is rounded up to a step of the queue's ladder; more than the last step is an error and dead-letters the
 * message with that reason. @default the step of this attempt
 */
export function retry(options: {
  readonly delayMs?: number;
  readonly reason: string;
  readonly error?: unknown;
}): Acknowledgement {
  return made({ ...options, action: "retry" });
}

/** Never: the message goes to the dead-letter queue with the reason. */
export function deadLetter(reason: string, error?: unknown): Acknowledgement {
  return made(
    error === undefined ? { action: "dead-letter", reason } : { action: "dead-letter", reason, error },
  );
}

/**
 * Somebody else, at once: the broker puts the message back near the head of the queue. Nothing counts or delays it on
 * Warren's side; a quorum queue counts it towards its delivery limit before RabbitMQ 4.3.
 */
export function requeue(): Acknowledgement {
  return requeued;
}

const permanent = Symbol.for("warren.permanent");

/** Marks an error so that a handler which throws it dead-letters the message at once instead of retrying. */
export function markPermanent<E extends object>(error: E): E {
  if (typeof error !== "object" || error === null)
    throw new ConfigError(
      "INVALID_OPTION",
      "markPermanent takes an error object: throw markPermanent(new Error(…))",
    );
  Object.defineProperty(error, permanent, { value: true });
  return error;
}

export function isPermanent(error: unknown): boolean {
  return (
    typeof error === "object" && error !== null && (error as { [permanent]?: boolean })[permanent] === true
  );
}
