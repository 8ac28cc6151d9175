import type { StoredMessage } from "./stored-message.ts";

/** The messages that wait in a queue, in the order in which they will leave it. */
export interface ReadyLine {
  readonly count: number;
  /** Of the bodies. */
  readonly bytes: number;
  /** A message that came in. */
  push(stored: StoredMessage): void;
  /** A message that came back from a consumer. */
  putBack(stored: StoredMessage, why: "requeued" | "channel-closed"): void;
  /** The next to leave. */
  head(): StoredMessage | undefined;
  /** Removes the head. */
  take(): StoredMessage | undefined;
  clear(): void;
}
