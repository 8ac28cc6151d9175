import type { Options } from "amqplib";

/** Those that share most of their behaviour. Streams stand apart. */
export const kinds = ["classic", "quorum"] as const;

export type QueueKind = (typeof kinds)[number];

/** Declares a queue of the kind with further arguments. */
export function ofKind(kind: QueueKind | "stream", further: object = {}): Options.AssertQueue {
  return { arguments: { "x-queue-type": kind, ...further } };
}

/** Arguments that send dead letters to a queue through the default exchange. */
export function deadLetterTo(queue: string): object {
  return { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue };
}
