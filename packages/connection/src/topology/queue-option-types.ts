import type { QueueType } from "./definition.ts";

/**
 * Which queue types take which option. The compiler and the check at definition time both read this table.
 * `x-queue-leader-locator` on a classic queue and `x-max-priority` on a quorum queue, for example, are 406 on the
 * broker; see https://www.rabbitmq.com/docs/quorum-queues#feature-comparison.
 */
export const queueOptionTypes = {
  type: ["quorum", "classic", "stream"],
  durable: ["quorum", "classic", "stream"],
  bindings: ["quorum", "classic", "stream"],
  arguments: ["quorum", "classic", "stream"],
  deadLetter: ["quorum", "classic", "stream"],
  maxLengthBytes: ["quorum", "classic", "stream"],
  retry: ["quorum", "classic", "stream"], // On a stream only false; the check says why.
  maxLength: ["quorum", "classic"],
  overflow: ["quorum", "classic"],
  messageTtlMs: ["quorum", "classic"],
  expiresMs: ["quorum", "classic"],
  singleActiveConsumer: ["quorum", "classic"],
  leaderLocator: ["quorum", "stream"],
  deliveryLimit: ["quorum"],
  initialGroupSize: ["quorum"],
  exclusive: ["classic"],
  autoDelete: ["classic"],
  maxPriority: ["classic"],
  lazy: ["classic"],
  queueVersion: ["classic"],
  initialClusterSize: ["stream"],
  maxAge: ["stream"],
  maxSegmentSizeBytes: ["stream"],
  filterSizeBytes: ["stream"],
} as const;

type Table = typeof queueOptionTypes;

export type QueueOption = keyof Table;

/** The options that a queue of this type takes. */
export type OptionOf<Type extends QueueType> = {
  [Option in QueueOption]: Type extends Table[Option][number] ? Option : never;
}[QueueOption];

export function accepts(type: QueueType, option: QueueOption): boolean {
  return (queueOptionTypes[option] as readonly QueueType[]).includes(type);
}
