import type { FieldTable } from "../../codec/field-table.ts";
import type { Message } from "../message.ts";
import type { Member } from "./consumer-line.ts";
import type { QueueDelivery } from "./queue.ts";
import type { StoredMessage } from "./stored-message.ts";

/** A delivery with what its queue needs to end it. */
export class HeldDelivery implements QueueDelivery {
  readonly message: Message;
  readonly redelivered: boolean;
  readonly extraHeaders?: FieldTable;
  readonly stored: StoredMessage;
  /** Who has it; undefined for a `basic.get`. */
  readonly member: Member | undefined;
  /** Until it is settled: a second settlement does nothing. */
  held = true;

  constructor(stored: StoredMessage, member: Member | undefined, extraHeaders: FieldTable | undefined) {
    this.message = stored.message;
    this.redelivered = stored.redelivered;
    if (extraHeaders !== undefined) this.extraHeaders = extraHeaders;
    this.stored = stored;
    this.member = member;
  }
}
