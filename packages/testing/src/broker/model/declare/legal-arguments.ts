import type { Queue } from "../queue/queue.ts";
import type { VersionRules } from "../../version.ts";

/** By kind of queue, in the order in which RabbitMQ compares them when a queue is declared again. */
const legal: Readonly<Record<Queue["kind"], readonly string[]>> = {
  classic: [
    "x-expires",
    "x-message-ttl",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-overflow",
    "x-queue-mode",
    "x-queue-version",
    "x-single-active-consumer",
    "x-queue-type",
    "x-queue-master-locator",
  ],
  quorum: [
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
    "x-expires",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-overflow",
    "x-single-active-consumer",
    "x-queue-type",
    "x-quorum-initial-group-size",
    "x-delivery-limit",
    "x-message-ttl",
    "x-queue-leader-locator",
  ],
  stream: [
    "x-max-length-bytes",
    "x-queue-type",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
    "x-initial-cluster-size",
    "x-queue-leader-locator",
  ],
};

const known: ReadonlySet<string> = new Set(Object.values(legal).flat());

/** The arguments that a kind of queue understands. */
export function legalArguments(kind: Queue["kind"], rules: VersionRules): readonly string[] {
  return kind === "classic" && rules.placesClassicQueues
    ? [...legal.classic, "x-queue-leader-locator"]
    : legal[kind];
}

/** Whether some other kind of queue understands it. What no queue understands is accepted everywhere. */
export function belongsElsewhere(argument: string, kind: Queue["kind"], rules: VersionRules): boolean {
  return known.has(argument) && !legalArguments(kind, rules).includes(argument);
}
