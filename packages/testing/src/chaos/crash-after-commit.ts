import type { Middleware } from "@warren/message";
import { resolveOptions } from "@warren/message/authoring";
import type { Frequency } from "../broker/faults/frequency.ts";
import { frequencyRules, strikes } from "./strikes.ts";
import { type Breakable, crash } from "./crash.ts";

/**
 * Cuts all connections when the handler has done its work, and fails: nothing around the handler hears that it succeeded, as when
 * the process dies right after the handler's commit. What remembers handled messages outside of the handler's own transaction
 * (`deduplicate`) does not remember this one, and the handler gets it again. Put this last, next to the handler.
 *
 * A delivery that comes `redelivered` is left alone, so that each message is struck once at most.
 *
 * ```ts
 * middleware: [deduplicate(), crashAfterCommit(broker.proxy, { every: 3 })];
 * ```
 *
 * @throws ConfigError INVALID_OPTION
 */
export function crashAfterCommit(connections: Breakable, options: Frequency = {}): Middleware {
  const isStruck = strikes(
    resolveOptions<Frequency, object>("crashAfterCommit", options, {}, frequencyRules),
  );
  return async (delivery, next) => {
    const acknowledgement = await next(delivery);
    if (acknowledgement.action !== "ack" || delivery.redelivered || !isStruck()) return acknowledgement;
    await crash(connections, delivery);
    throw new Error("the process has died after the commit, as the test asked");
  };
}
