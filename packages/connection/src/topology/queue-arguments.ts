import type { Arguments, QueueDefinition } from "./definition.ts";
import type { QueueOption } from "./queue-option-types.ts";

/** The AMQP argument of each option that is nothing but an argument. */
const argumentOf = {
  maxLength: "x-max-length",
  maxLengthBytes: "x-max-length-bytes",
  overflow: "x-overflow",
  messageTtlMs: "x-message-ttl",
  expiresMs: "x-expires",
  deliveryLimit: "x-delivery-limit",
  singleActiveConsumer: "x-single-active-consumer",
  maxPriority: "x-max-priority",
  leaderLocator: "x-queue-leader-locator",
  initialGroupSize: "x-quorum-initial-group-size",
  initialClusterSize: "x-initial-cluster-size",
  maxAge: "x-max-age",
  maxSegmentSizeBytes: "x-stream-max-segment-size-bytes",
  filterSizeBytes: "x-stream-filter-size-bytes",
  queueVersion: "x-queue-version",
} as const;

/** Which option says what an argument says: no argument of these is taken from `arguments`. */
export const optionOf: ReadonlyMap<string, QueueOption> = new Map<string, QueueOption>([
  ...Object.entries(argumentOf).map(([option, argument]) => [argument, option as QueueOption] as const),
  ["x-queue-type", "type"],
  ["x-queue-mode", "lazy"],
  ["x-dead-letter-exchange", "deadLetter"],
  ["x-dead-letter-routing-key", "deadLetter"],
  ["x-dead-letter-strategy", "deadLetter"],
]);

/** The arguments of what the user wrote down, without defaults. A `false` flag is one that is not sent. */
export function writtenArguments(definition: QueueDefinition): Arguments {
  const result: Record<string, unknown> = {};
  for (const [option, argument] of Object.entries(argumentOf)) {
    const value = definition[option as keyof typeof argumentOf];
    if (value !== undefined && value !== false) result[argument] = value;
  }
  if (definition.lazy === true) result["x-queue-mode"] = "lazy";
  return { ...result, ...definition.arguments };
}
