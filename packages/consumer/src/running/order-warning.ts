import type { ResolvedConsumerOptions } from "../consumer-options.ts";

/** A process warning when `orderBy` is used on a queue that other processes may consume too. */
export function warnAboutOrder({ handlers, queueRef, queueName, exclusive }: ResolvedConsumerOptions): void {
  if (handlers.every(({ orderBy }) => orderBy === undefined)) return;
  if (exclusive || queueRef?.singleActiveConsumer === true || queueRef?.exclusive === true) return;
  process.emitWarning(
    `orderBy keeps the order within this process only: another consumer of "${queueName}" would get some messages of a key. Give the queue singleActiveConsumer: true.`,
    { type: "WarrenWarning", code: "WARREN_ORDER" },
  );
}
