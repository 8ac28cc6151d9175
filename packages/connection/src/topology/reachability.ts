import type { QueueRef, QueueSource } from "./queue-ref.ts";
import { keyMeets, topicsMeet } from "./routing.ts";

/**
 * Whether a message of this exchange and routing key pattern (`order.placed.*`) can get into the queue by what the
 * topology says. In doubt yes: a queue without bindings may be bound elsewhere, headers are not known, and what
 * comes by way of other exchanges is not followed word by word.
 */
export function canReach(queue: QueueRef, exchange: string, routingKeyPattern: string): boolean {
  if (exchange === "" && keyMeets(routingKeyPattern, queue.name)) return true;
  if (queue.sources.length === 0) return true;
  return queue.sources.some((source) => source.exchange === exchange && feeds(source, routingKeyPattern));
}

/** Whether a binding takes a message with this routing key pattern. */
export function feeds({ exchangeType, routingKey }: QueueSource, pattern: string): boolean {
  if (routingKey === undefined) return true;
  if (exchangeType === "topic") return topicsMeet(pattern, routingKey);
  if (exchangeType === "direct") return keyMeets(pattern, routingKey);
  return true;
}
