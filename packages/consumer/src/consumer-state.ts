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
 * While the broker refuses moves or replies, for lack of a permission most likely, `consuming` has the `error`; the
 * deliveries concerned stay un-acked and are tried again with pauses.
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
