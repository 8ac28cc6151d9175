import type { EventEmitter } from "node:events";
import { ConnectionError, type WarrenError } from "@warren/message";
import { toWarrenError } from "./broker-refusal.ts";

/** By amqplib's connection; empty while the broker has not closed it. */
const refusals = new WeakMap<EventEmitter, { error?: WarrenError }>();

/**
 * The broker's reason for closing the connection, once it has: amqplib tells the channels only that they are gone, after
 * it has told the connection why. An operator's 320 is not among the reasons.
 */
export function connectionRefusal(model: object): () => WarrenError | undefined {
  const { connection } = model as { readonly connection: EventEmitter };
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

/** The loss of a channel with the reason why its connection was closed, where the broker gave one. */
export function explainedLoss(error: WarrenError, refusal: WarrenError | undefined): WarrenError {
  if (error.code !== "CHANNEL_LOST" || refusal === undefined) return error;
  return new ConnectionError("CHANNEL_LOST", `the broker closed the connection: ${refusal.sentence}`, {
    cause: refusal,
  });
}
