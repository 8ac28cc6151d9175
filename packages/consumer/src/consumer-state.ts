/**
 * The life of a consumer.
 *
 * | state      | entered when                                               | left when                           |
 * | ---------- | ---------------------------------------------------------- | ----------------------------------- |
 * | idle       | it is made                                                 | `start()`                           |
 * | starting   | `start()`                                                  | consuming; refused; `stop()`        |
 * | consuming  | the broker has answered `basic.consume`                    | a loss; `pause()`; `stop()`         |
 * | recovering | the connection, channel, consumer or queue was lost        | consuming again; refused; `stop()`  |
 * | paused     | `pause()`; a loss meanwhile does not end it                | `resume()`; refused; `stop()`       |
 * | stopping   | `stop()`, or the connection is being closed                | all is settled or given back        |
 * | stopped    | after that                                                 | never                               |
 * | failed     | the broker refuses it for good, or the connection is gone  | `stop()`                            |
 *
 * `consuming` has an `error`, and is not healthy, as long as
 *
 * | entered when                                                           | what holds                             | left when                 |
 * | ---------------------------------------------------------------------- | -------------------------------------- | ------------------------- |
 * | the broker refuses moves or replies, for lack of a permission, say     | they are un-acked, tried with pauses   | it takes them             |
 * | all handlers have been at work for `stalledAfterMs`, and messages wait | HANDLERS_STALLED; nothing is started   | one of them ends          |
 */
export type ConsumerState =
  | { readonly kind: "idle" }
  | { readonly kind: "starting" }
  | { readonly kind: "consuming"; readonly error?: unknown }
  | { readonly kind: "recovering"; readonly error: unknown }
  | { readonly kind: "paused" }
  | { readonly kind: "stopping" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly error: unknown };

/** A change of a consumer's state. */
export interface ConsumerStatus {
  readonly from: ConsumerState["kind"];
  readonly to: ConsumerState["kind"];
  readonly error?: unknown;
}
