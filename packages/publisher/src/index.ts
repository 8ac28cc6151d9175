/**
 * Publishing with an answer: every publish settles exactly once and says what became of the message.
 *
 * - {@link createPublisher} makes a Publisher on a connection.
 * - `publish(message, payload)` sends a typed Message; `publish({ exchange, routingKey, body })` sends bytes.
 * - It resolves with a confirmed Confirmation or throws a PublishError whose `outcome` is the same value.
 *
 * ```ts
 * await using publisher = createPublisher(connection);
 * await publisher.publish(OrderPlaced, { id: "o-1", region: "eu", total: 42 });
 * ```
 */

// For applications
export { createPublisher, type Publisher } from "./publisher.ts";
export type { CompressOptions, PublisherOptions } from "./publisher-options.ts";
export type { PublishOptions } from "./publish-options.ts";
export type { Confirmed } from "./publish-error.ts";
export type { Reply } from "./read-reply.ts";
export type { RequestControl, RequestManyOptions, RequestOptions } from "./request-options.ts";

// For library authors
export type { ExchangeOf, MessageTo, PublishingTo } from "./exchange-of.ts";
export type { ReplyPayload } from "./request-options.ts";
