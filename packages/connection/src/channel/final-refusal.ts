import { BrokerError, type WarrenError } from "@warren/message";
import { saysUndecided } from "../topology/broker-reply.ts";

/**
 * Refused permissions and settings stay refused. Not so what is not there (404), an exclusive queue (405), a broker in
 * trouble (541), one that says nothing, and a permission that a token gave which has ended: the next one gives it again.
 *
 * @param tokenHasEnded by our own clock: the broker says so at the end of its text, which may be cut.
 */
export function isFinal(error: WarrenError, tokenHasEnded: boolean): boolean {
  if (!(error instanceof BrokerError)) return false;
  if (error.replyCode === 403) return !tokenHasEnded && !saysUndecided(error.replyText);
  return error.replyCode === 406;
}
