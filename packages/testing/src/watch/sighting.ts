import type { Failure } from "./failure.ts";
import type { WireMessage } from "./wire-message.ts";

/** What can be seen to happen to a message. */
export type SightingKind =
  | "published"
  | "returned"
  | "refused"
  | "delivered"
  | "handled"
  | "retried"
  | "requeued"
  | "deadLettered"
  | "dropped";

/** One thing that happened to a message. */
export interface Sighting {
  readonly kind: SightingKind;
  readonly message: WireMessage;
  /** Of the delivery it is about; undefined for a publish. */
  readonly queue: string | undefined;
  readonly failure: Failure | undefined;
}
