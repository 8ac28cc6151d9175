/**
 * Publishing with an answer: every publish settles exactly once and says what became of the message.
 *
 * - {@link createPublisher} makes a Publisher on a connection, for the exchanges of its topology.
 * - `publish(message, payload)` sends a typed Message; `publish({ exchange, routingKey, body })` sends bytes.
 * - It resolves with a confirmed Confirmation or throws a PublishError whose `outcome` is the same value:
 *   returned, nacked, refused, timed-out or unknown, and whether the message may be stored.
 * - `publishAll` takes as many as there are, as there is room, and gives one Confirmation for each.
 * - `request` and `requestMany` wait for answers, over direct reply-to.
 *
 * What is in flight when the connection is lost is published again with the same id; requests never are. While the
 * broker is slow, blocked or gone, calls wait within limits of number, bytes and time.
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
