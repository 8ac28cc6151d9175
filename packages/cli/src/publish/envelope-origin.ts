import type { Headers } from "@warren/message";
import type { Target } from "./publish-target.ts";

/** Where a message failed, as its envelope tells it, and how it had come there where that is known. */
export interface EnvelopeOrigin extends Partial<Target> {
  readonly queue: string;
}

/**
 * Where a dead letter, or a message between two attempts, came from; nothing for any other message. Warren's own word
 * comes first: to the broker, the first death of a message that Warren retried was in a wait queue.
 *
 * Headers can be forged by whoever may publish: what is sent there is told, and `--queue` overrides it.
 */
export function originOf(headers: Headers | undefined): EnvelopeOrigin | undefined {
  const text = (name: string): string | undefined => {
    const value = headers?.[name];
    return typeof value === "string" ? value : undefined;
  };
  const queue = text("x-warren-origin-queue") ?? text("x-first-death-queue");
  if (queue === undefined || queue === "") return undefined;
  const exchange = text("x-warren-origin-exchange");
  const routingKey = text("x-warren-origin-routing-key");
  return {
    queue,
    ...(exchange === undefined ? {} : { exchange }),
    ...(routingKey === undefined ? {} : { routingKey }),
  };
}
