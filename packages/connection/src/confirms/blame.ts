import { BrokerError, type WarrenError } from "@warren/message";
import { saysUndecided } from "../topology/broker-reply.ts";

/**
 * A refusal that the broker gave to one of the publishes on the channel; it does not say to which. Not so while the
 * OAuth token has ended: with the next one the same publish is taken.
 *
 * @param tokenHasEnded by our own clock: the broker says so at the end of its text, which may be cut.
 */
export function blamesPublish(error: WarrenError, tokenHasEnded = false): boolean {
  if (!(error instanceof BrokerError) || error.scope !== "channel" || error.method !== "basic.publish")
    return false;
  return error.replyCode !== 403 || (!tokenHasEnded && !saysUndecided(error.replyText));
}

/**
 * Reply codes with which RabbitMQ closes the whole connection over what a publish carries: a frame that is too large
 * (501) or cannot be read (502), and whatever crashes the channel's process (541), such as a header it cannot decode.
 * It names no method and no channel. All others say that frames came in a wrong order, or that somebody wants the
 * connection closed (320).
 */
const connectionCodes: ReadonlySet<number> = new Set([501, 502, 541]);

/** The broker closed the connection, perhaps over one of the publishes on it. */
export function mayBlamePublish(error: WarrenError): error is BrokerError {
  return error instanceof BrokerError && error.scope === "connection" && connectionCodes.has(error.replyCode);
}
