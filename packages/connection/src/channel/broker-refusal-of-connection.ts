import type { EventEmitter } from "node:events";
import type { WarrenError } from "@warren/message";
import type { Channel } from "amqplib";
import { toWarrenError } from "./broker-refusal.ts";

/** By amqplib's connection; empty while the broker has not closed it. */
const refusals = new WeakMap<EventEmitter, { error?: WarrenError }>();

/**
 * The broker's reason for closing the connection that the channel was on, once it has: amqplib tells the channels only
 * that they are gone, after it has told the connection why. An operator's 320 is not among the reasons.
 */
export function connectionRefusal(channel: Channel): () => WarrenError | undefined {
  const { connection } = channel as unknown as { readonly connection: EventEmitter };
  let refusal = refusals.get(connection);
  if (refusal === undefined) {
    const seen: { error?: WarrenError } = {};
    refusals.set(connection, (refusal = seen));
    connection.on("error", (error: { readonly code?: unknown }) => {
      // What the network says has the name of a system error for its code.
      if (typeof error.code === "number") seen.error = toWarrenError(error, "connection");
    });
  }
  const known = refusal;
  return () => known.error;
}
