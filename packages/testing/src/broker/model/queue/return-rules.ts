import type { FieldTable } from "../../codec/field-table.ts";
import type { StoredMessage } from "./stored-message.ts";

/** What a queue makes of messages that came back. */
export interface ReturnRules {
  /** What a delivery says about it in headers. */
  headersOf(stored: StoredMessage, how: "consume" | "get"): FieldTable | undefined;
  /** Whether it came back once too often. */
  exhausted(stored: StoredMessage): boolean;
}

/** Classic queues do not count. */
export const uncounted: ReturnRules = {
  headersOf: () => undefined,
  exhausted: () => false,
};

/**
 * Quorum queues count, and tell a consumer from the first return on; those of 3.10 tell a `basic.get` from the start.
 *
 * @param options the limit is undefined for none
 */
export function counted(options: {
  readonly deliveryLimit: number | undefined;
  readonly tellsGetFromTheStart: boolean;
}): ReturnRules {
  const { deliveryLimit = Infinity, tellsGetFromTheStart } = options;
  return {
    headersOf: ({ returnCount }, how) =>
      returnCount > 0 || (tellsGetFromTheStart && how === "get")
        ? new Map([["x-delivery-count", { type: "int64", value: BigInt(returnCount) }]])
        : undefined,
    exhausted: ({ returnCount }) => returnCount > deliveryLimit,
  };
}
