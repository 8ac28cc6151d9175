import type { FieldTable } from "../../codec/field-table.ts";
import { fieldTable, int64 } from "../../codec/field-values.ts";
import type { Message } from "../message.ts";
import { DeadMessage } from "./dead-message.ts";
import type { StoredMessage } from "./stored-message.ts";

/** What a queue makes of messages that came back. */
export interface ReturnRules {
  /** Whether a message is a redelivery from the start. */
  isRedelivery(message: Message): boolean;
  /** What a delivery says about it in headers. */
  headersOf(stored: StoredMessage, how: "consume" | "get"): FieldTable | undefined;
  /** Whether it came back once too often. */
  exhausted(stored: StoredMessage): boolean;
}

/** Classic queues do not count. */
export const uncounted: ReturnRules = {
  isRedelivery: () => false,
  headersOf: () => undefined,
  exhausted: () => false,
};

/**
 * Quorum queues count, and tell a consumer from the first return on; those of 3.10 tell a `basic.get` from the start.
 * Those of 4.0 tell until then how often quorum queues before it had it rejected, for which no limit counts.
 *
 * @param options the limit is undefined for none
 */
export function counted(options: {
  readonly deliveryLimit: number | undefined;
  readonly tellsGetFromTheStart: boolean;
  readonly tellsEarlierRejections: boolean;
}): ReturnRules {
  const { deliveryLimit = Infinity, tellsGetFromTheStart, tellsEarlierRejections } = options;
  const earlierCount = (message: Message): number =>
    tellsEarlierRejections && message instanceof DeadMessage ? message.quorumRejectionCount : 0;
  return {
    isRedelivery: (message) => earlierCount(message) > 0,
    headersOf: ({ message, returnCount }, how) => {
      const count = returnCount > 0 ? returnCount : earlierCount(message);
      const tells = count > 0 || (tellsGetFromTheStart && how === "get");
      return tells ? fieldTable({ "x-delivery-count": int64(count) }) : undefined;
    },
    exhausted: ({ returnCount }) => returnCount > deliveryLimit,
  };
}
