/**
 * Consumes queues with handlers.
 *
 * - A **handler** ({@link on}, {@link onAny}) does the work of one delivery. Its message is acknowledged after it
 *   returned; a throw is a retry.
 * - A **consumer** ({@link createConsumer}) runs handlers on one queue, several at a time, and comes back after every
 *   loss of its connection, channel or queue.
 * - A retry goes to a wait queue by a confirmed publish and comes back as attempt + 1; after the last one the message
 *   is in the dead-letter queue with the reason in its headers.
 *
 * ```ts
 * await using billing = createConsumer(connection, {
 *   queue: topology.queues.billing,
 *   handlers: [on(OrderPlaced, async (order) => { await charge(order.id, order.total); })],
 *   concurrency: 20,
 * });
 * await billing.start();
 * ```
 */

// For applications
export { createConsumer } from "./create-consumer.ts";
export type { Consumer, StopOptions } from "./consumer.ts";
export type { ConsumerOptions } from "./consumer-options.ts";
export type { ConsumerState, ConsumerStatus } from "./consumer-state.ts";
export type { BatchOptions } from "./handling/batcher.ts";
export type { DeadLetterOption } from "./moving/dead-letter-option.ts";
export type { ErrorRule } from "./handling/error-rule.ts";
export type { IdleOptions } from "./idle.ts";
export type { StreamOffset } from "./stream-offset.ts";
export {
  type BatchFunction,
  type BatchResult,
  type Handler,
  type HandlerFunction,
  type HandlerOptions,
  type HandlerResult,
  on,
  onAny,
  onBatch,
  reply,
  type ReplyFunction,
  type ReplyOptions,
} from "./handling/handler.ts";

export { timeout, type TimeoutOptions } from "./middleware/timeout.ts";
export { deduplicate, type DeduplicateOptions } from "./middleware/deduplicate.ts";
export type { DeduplicationStore } from "./middleware/deduplication-store.ts";
export { MemoryStore, type MemoryStoreOptions } from "./middleware/memory-store.ts";
export { currentTrace, traceContext, type TraceContext, traceHeaders } from "./middleware/trace-context.ts";

// For library authors
export { changeDelivery, type DeliveryChange } from "./handling/changed-delivery.ts";
export { warrenHeader } from "./moving/warren-header.ts";
