import type { Middleware } from "@warren/message";
import { resolveOptions } from "@warren/message/authoring";
import type { Frequency } from "../broker/faults/frequency.ts";
import { frequencyRules, strikes } from "./strikes.ts";
import { type Breakable, crash } from "./crash.ts";

/**
 * Cuts all connections when the handler has succeeded and before its ack is sent, as when the process dies there: the broker
 * delivers the message once more. What stands further in (an inbox, `deduplicate`) has done its work; put this first.
 *
 * A delivery that comes `redelivered` is left alone, so that each message is struck once at most.
 *
 * ```ts
 * middleware: [crashBeforeAck(broker.proxy, { every: 3 }), deduplicate()];
 * ```
 *
 * @throws ConfigError INVALID_OPTION
 */
export function crashBeforeAck(connections: Breakable, options: Frequency = {}): Middleware {
  const isStruck = strikes(resolveOptions<Frequency, object>("crashBeforeAck", options, {}, frequencyRules));
  return async (delivery, next) => {
    const acknowledgement = await next(delivery);
    if (acknowledgement.action === "ack" && !delivery.redelivered && isStruck())
      await crash(connections, delivery);
    return acknowledgement;
  };
}
