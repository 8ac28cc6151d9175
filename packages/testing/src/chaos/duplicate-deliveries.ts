import type { Middleware } from "@warren/message";
import { resolveOptions } from "@warren/message/authoring";
import type { Frequency } from "../broker/faults/frequency.ts";
import { frequencyRules, strikes } from "./strikes.ts";

/**
 * Has a message handled twice, one time after the other, as happens when an ack is lost: a handler must be able to bear it. The
 * second time decides. What failed the first time is left as it is.
 *
 * Put it before what is to find the duplicates: `middleware: [duplicateDeliveries(), deduplicate()]`.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function duplicateDeliveries(options: Frequency = {}): Middleware {
  const isStruck = strikes(
    resolveOptions<Frequency, object>("duplicateDeliveries", options, {}, frequencyRules),
  );
  return async (delivery, next) => {
    const twice = isStruck();
    const acknowledgement = await next(delivery);
    return twice && acknowledgement.action === "ack" ? next(delivery) : acknowledgement;
  };
}
