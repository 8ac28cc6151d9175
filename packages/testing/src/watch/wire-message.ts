import { createHash } from "node:crypto";
import type { Properties } from "../broker/codec/properties.ts";

/** A message as it stood on the wire. */
export interface WireMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Properties;
  readonly body: Buffer;
}

const identities = new WeakMap<WireMessage, string>();

/**
 * What makes two sightings the same message: its message id, which stays through every hop, else its body. Messages that share
 * it are told apart by the queues they are in, and are alike otherwise.
 */
export function identityOf(message: WireMessage): string {
  const { messageId } = message.properties;
  if (messageId !== undefined) return `id ${messageId}`;
  let identity = identities.get(message);
  if (identity === undefined) {
    identity = `body ${createHash("sha1").update(message.body).digest("hex")}`;
    identities.set(message, identity);
  }
  return identity;
}

/** For texts: `order.placed (id 0c1f…)`. */
export function describeMessage({ properties, exchange, routingKey, body }: WireMessage): string {
  const what = properties.type ?? `a message to ${JSON.stringify(`${exchange}/${routingKey}`)}`;
  const id = properties.messageId;
  return `${what} (${id === undefined ? `${body.length} bytes without a message id` : `id ${id}`})`;
}
