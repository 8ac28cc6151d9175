import type { WarrenError } from "./errors.ts";

/** What the broker or Warren answered to one publish. Every publish ends in exactly one of these. */
export type Confirmation = Confirmed | Returned | Nacked | Refused | TimedOut | Unknown;

interface Common {
  readonly messageId: string;
}

/** The broker has taken responsibility: every queue it was routed to has it (quorum: a majority, on disk). */
export interface Confirmed extends Common {
  readonly status: "confirmed";
  /** From the call of `publish` to the broker's confirm, waiting for a place in the window included. */
  readonly latencyMs: number;
  /** How often it was written to a socket: 1, and one more for each replay after a reconnect. */
  readonly attempts: number;
}

/** No queue was bound to that exchange and routing key (`basic.return`). */
export interface Returned extends Common {
  readonly status: "returned";
  /** `maybe` when an earlier copy of it was lost with its connection: a queue may have been bound then. */
  readonly stored: "no" | "maybe";
  readonly replyCode: number;
  readonly replyText: string;
}

/** At least one queue refused it (`basic.nack`), for example a full one. Another bound queue may have it. */
export interface Nacked extends Common {
  readonly status: "nacked";
  readonly stored: "maybe";
}

/** It never became the broker's: it cannot be encoded, the buffer is full, or the broker closed the channel over it. */
export interface Refused extends Common {
  readonly status: "refused";
  readonly stored: "no";
  readonly error: WarrenError;
}

/** A deadline passed. `stored: "no"` when it had not been written to a socket yet. */
export interface TimedOut extends Common {
  readonly status: "timed-out";
  readonly stored: "no" | "maybe";
  readonly afterMs: number;
}

/**
 * It was written and nobody will know: `close()`, `replay: false`, the connection ended for good, the broker closes the
 * connection over it each time, or refused it after a copy of it had been lost with its connection.
 */
export interface Unknown extends Common {
  readonly status: "unknown";
  readonly stored: "maybe";
  readonly error: WarrenError;
}
