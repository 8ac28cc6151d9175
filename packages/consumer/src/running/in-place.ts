import type { Decision } from "../handling/decision.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";

/** What becomes of a delivery that is to be retried without losing its place: it waits, or something else happens. */
export type InPlace =
  | { readonly postponeMs: number; readonly instead?: undefined }
  | { readonly postponeMs?: undefined; readonly instead: Decision };

/** @param nowMs on the clock of `performance.now()`. */
export function inPlace(
  delivery: IncomingDelivery,
  { step, failure }: Extract<Decision, { kind: "retry" }>,
  maxBlockedMs: number,
  nowMs: number,
): InPlace {
  delivery.blockedSinceMs ??= nowMs;
  const blockedMs = nowMs - delivery.blockedSinceMs;
  if (blockedMs + step.delayMs <= maxBlockedMs) return { postponeMs: step.delayMs };
  return {
    instead: {
      kind: "dead-letter",
      failure: {
        ...failure,
        code: "KEY_BLOCKED",
        reason: `it held up its key for ${Math.round(blockedMs)} ms, and the next attempt would be after maxBlockedMs ${maxBlockedMs}: ${failure.reason}`,
      },
    },
  };
}
