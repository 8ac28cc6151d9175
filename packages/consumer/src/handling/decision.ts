import type { QueueRef, RetryStep } from "@warren/connection";
import { ack, type Acknowledgement, deadLetter, type Delivery, requeue, retry } from "@warren/message";
import { isPermanent } from "@warren/message/authoring";
import { type Failure, failureFor, failureOf } from "./failure.ts";
import { type ErrorRule, ruleFor } from "./error-rule.ts";

/** What is to be done with a delivery, ladder and attempts considered. */
export type Decision =
  | { readonly kind: "ack" }
  | {
      readonly kind: "requeue";
      /** No handler has seen it. */
      readonly unseen?: true;
    }
  | { readonly kind: "retry"; readonly step: RetryStep; readonly failure: Failure }
  | { readonly kind: "dead-letter"; readonly failure: Failure };

const notAnAcknowledgement: Failure = {
  code: "HANDLER_FAILED",
  reason: "the handler returned something that is no acknowledgement",
};

/** The attempt that just ended, counted from 1. */
type Attempted = Pick<Delivery, "attempt">;

const ackDecision: Decision = Object.freeze({ kind: "ack" });
/** For what was taken out before a handler got it. */
export const unseenDecision: Decision = Object.freeze({ kind: "requeue", unseen: true });
const requeueDecision: Decision = Object.freeze({ kind: "requeue" });

/** From what the handler decided about its attempt. */
export function decide(
  acknowledgement: Acknowledgement | undefined,
  delivery: Attempted,
  ladder: QueueRef["retrySteps"],
): Decision {
  switch (acknowledgement?.action) {
    case undefined:
    case "ack":
      return ackDecision;
    case "requeue":
      return requeueDecision;
    case "dead-letter":
      return {
        kind: "dead-letter",
        failure: failureFor(acknowledgement.reason, acknowledgement.error, "HANDLER_REJECTED"),
      };
    case "retry":
      return retryDecision(
        failureFor(acknowledgement.reason, acknowledgement.error, "HANDLER_FAILED"),
        acknowledgement.delayMs,
        delivery.attempt,
        ladder,
      );
    default:
      // Only without the compiler. It is not tried again: the work may be done.
      return { kind: "dead-letter", failure: notAnAcknowledgement };
  }
}

/** From what the handler, or the way to it, threw. */
export function decideThrown(
  thrown: unknown,
  delivery: Attempted,
  ladder: QueueRef["retrySteps"],
  rules: readonly ErrorRule[],
): Decision {
  const failure = failureOf(thrown);
  const rule = ruleFor(thrown, rules);
  const action = rule?.action ?? (isPermanent(thrown) ? "dead-letter" : "retry");
  switch (action) {
    case "ack":
      return ackDecision;
    case "dead-letter":
      return { kind: "dead-letter", failure };
    case "retry":
      return retryDecision(failure, rule?.delayMs, delivery.attempt, ladder);
  }
}

/** The same in the handler's words. */
export function acknowledgementOf(decision: Decision): Acknowledgement {
  switch (decision.kind) {
    case "ack":
      return ack();
    case "requeue":
      return requeue();
    case "retry": {
      const { reason, error } = decision.failure;
      return retry({
        delayMs: decision.step.delayMs,
        reason,
        ...(error === undefined ? {} : { error }),
      });
    }
    case "dead-letter": {
      const { reason, error } = decision.failure;
      return deadLetter(reason, error);
    }
  }
}

/** The step of this attempt, or the first that waits at least as long as was asked for. */
function retryDecision(
  failure: Failure,
  delayMs: number | undefined,
  attempt: number,
  ladder: QueueRef["retrySteps"],
): Decision {
  if (attempt > ladder.length) return { kind: "dead-letter", failure };
  if (delayMs === undefined) return { kind: "retry", step: ladder[attempt - 1]!, failure };
  const step = ladder.find((each) => each.delayMs >= delayMs);
  if (step !== undefined) return { kind: "retry", step, failure };
  const longest = ladder[ladder.length - 1]!.delayMs;
  return {
    kind: "dead-letter",
    failure: {
      ...failure,
      reason: `retry after ${delayMs} ms was asked for, but the longest step of the queue is ${longest} ms. ${failure.reason}`,
    },
  };
}
