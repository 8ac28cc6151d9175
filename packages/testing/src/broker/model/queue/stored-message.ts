import type { Message } from "../message.ts";

/** A message with what its queue knows about it. */
export class StoredMessage {
  readonly message: Message;
  /** Counts up in the order in which messages came. */
  readonly position: number;
  /** Milliseconds since the epoch; Infinity for never. */
  readonly expiresAtMs: number;
  redelivered: boolean;
  /** How often it came back. */
  returnCount = 0;

  constructor(message: Message, position: number, expiresAtMs: number, redelivered: boolean) {
    this.message = message;
    this.position = position;
    this.expiresAtMs = expiresAtMs;
    this.redelivered = redelivered;
  }
}
