import { BrokerError, type Confirmation, WarrenError } from "@warren/message";
import type { Outgoing } from "./outgoing.ts";

/** The broker's answer to one publish; a return has come before its ack. */
export function answered(outgoing: Outgoing, positive: boolean, nowMs: number): Confirmation {
  const { messageId, returned, startedAt, attempts, mayBeStored } = outgoing;
  if (!positive) return { status: "nacked", stored: "maybe", messageId };
  if (returned !== undefined)
    return { status: "returned", stored: mayBeStored ? "maybe" : "no", messageId, ...returned };
  return { status: "confirmed", messageId, latencyMs: nowMs - startedAt, attempts };
}

export function refused(messageId: string, error: WarrenError): Confirmation {
  return { status: "refused", stored: "no", messageId, error };
}

/** It cannot be written. */
export function unencodable(outgoing: Outgoing, cause: unknown): Confirmation {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return refusedOnTheWire(
    outgoing,
    new WarrenError("PUBLISH_INVALID", `it cannot be encoded: ${reason}`, { cause }),
  );
}

/** This copy of it is not stored; an earlier one, whose channel was lost, may be. */
export function refusedOnTheWire(outgoing: Outgoing, error: WarrenError): Confirmation {
  return outgoing.mayBeStored ? givenUp(outgoing, error) : refused(outgoing.messageId, error);
}

/** The broker closed the connection twice while nothing else was in flight on it. */
export function condemned(outgoing: Outgoing, cause: BrokerError): Confirmation {
  const { code, replyCode, replyText, scope } = cause;
  const sentence = `the broker closes the connection over it: ${replyCode} ${replyText}`;
  return givenUp(outgoing, new BrokerError(code, sentence, { cause, replyCode, replyText, scope }));
}

/** Nobody waits for it any more. */
export function givenUp({ attempts, messageId }: Outgoing, error: WarrenError): Confirmation {
  return attempts === 0
    ? refused(messageId, error)
    : { status: "unknown", stored: "maybe", messageId, error };
}

export function timedOut({ attempts, messageId, startedAt }: Outgoing, nowMs: number): Confirmation {
  return {
    status: "timed-out",
    stored: attempts === 0 ? "no" : "maybe",
    messageId,
    afterMs: nowMs - startedAt,
  };
}
