import { BrokerError, type WarrenError } from "@warren/message";
import { saysUndecided } from "../topology/broker-reply.ts";

/** Why a channel ended, as far as the publishes on it are concerned. */
export type Blame =
  /** The broker refused one of them for what it is, and does not say which. */
  | { readonly on: "one"; readonly error: BrokerError }
  /** The broker closed the whole connection, perhaps over one of them. */
  | { readonly on: "perhaps one"; readonly error: BrokerError }
  | { readonly on: "none"; readonly error: WarrenError };

/**
 * Reply codes with which RabbitMQ closes the whole connection over what a publish carries: a frame that is too large
 * (501) or cannot be read (502), and whatever crashes the channel's process (541), such as a header it cannot decode.
 * It names no method and no channel. All others say that frames came in a wrong order, or that somebody wants the
 * connection closed (320).
 */
const connectionCodes: ReadonlySet<number> = new Set([501, 502, 541]);

/**
 * While the OAuth token has ended a missing permission is nobody's fault: with the next token the same publish is taken.
 *
 * @param tokenHasEnded by our own clock: the broker says so at the end of its text, which may be cut.
 */
export function blameFor(error: WarrenError, tokenHasEnded: boolean): Blame {
  if (!(error instanceof BrokerError)) return { on: "none", error };
  const { scope, method, replyCode, replyText } = error;
  if (scope === "connection") return { on: connectionCodes.has(replyCode) ? "perhaps one" : "none", error };
  const isUndecided = replyCode === 403 && (tokenHasEnded || saysUndecided(replyText));
  return { on: method === "basic.publish" && !isUndecided ? "one" : "none", error };
}
