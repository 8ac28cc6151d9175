import type { Middleware } from "@warren/message";
import { milliseconds, resolveOptions } from "@warren/message/authoring";
import type { Frequency } from "../broker/faults/frequency.ts";
import { frequencyRules, strikes } from "./strikes.ts";
import { pause } from "./pause.ts";

export interface ReorderDeliveriesOptions extends Frequency {
  /** Every so many. With 1 nothing is handled before its time is up, for all are held back. @default 2 */
  readonly every?: number;
  /** How long a delivery is held back at most where no other comes, in milliseconds. @default 100 */
  readonly maxWaitMs?: number;
}

const defaults = { every: 2, maxWaitMs: 100 };

/**
 * Holds a delivery back until one that came later has been handled: order is not what RabbitMQ promises to several consumers, nor
 * to one after a redelivery. The consumer needs a `concurrency` of 2 or more to have another one meanwhile.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function reorderDeliveries(options: ReorderDeliveriesOptions = {}): Middleware {
  const { maxWaitMs, ...frequency } = resolveOptions<ReorderDeliveriesOptions, typeof defaults>(
    "reorderDeliveries",
    options,
    defaults,
    { ...frequencyRules, maxWaitMs: milliseconds(1) },
  );
  const isStruck = strikes(frequency);
  const heldBack = new Map<number, () => void>();
  let arrivals = 0;
  return async (delivery, next) => {
    const arrival = ++arrivals;
    if (isStruck())
      await pause(maxWaitMs, delivery.signal, (release) => {
        heldBack.set(arrival, release);
      });
    try {
      heldBack.delete(arrival);
      return await next(delivery);
    } finally {
      for (const [earlier, release] of heldBack) if (earlier < arrival) release();
    }
  };
}
