import type { Middleware } from "@warren/message";
import { milliseconds, resolveOptions } from "@warren/message/authoring";
import { seededRandom } from "../broker/faults/seeded-random.ts";
import type { Frequency } from "../broker/faults/frequency.ts";
import { frequencyRules, strikes } from "./strikes.ts";
import { pause } from "./pause.ts";

export interface DelayDeliveriesOptions extends Frequency {
  /** The longest delay; each is drawn from `seed` between this and nothing. @default 50 */
  readonly maxDelayMs?: number;
}

/**
 * Has handlers begin late, each by another time, so that those that run at once come in other orders and overlap. A delivery whose
 * channel is gone waits no longer.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function delayDeliveries(options: DelayDeliveriesOptions = {}): Middleware {
  const { maxDelayMs, ...frequency } = resolveOptions<DelayDeliveriesOptions, { maxDelayMs: number }>(
    "delayDeliveries",
    options,
    { maxDelayMs: 50 },
    { ...frequencyRules, maxDelayMs: milliseconds(1) },
  );
  const isStruck = strikes(frequency);
  const random = seededRandom(options.seed ?? 1);
  return async (delivery, next) => {
    if (isStruck()) await pause(random() * maxDelayMs, delivery.signal);
    return next(delivery);
  };
}
