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
export type { PublisherOptions } from "./publisher-options.ts";
export type { PublishOptions } from "./publish-options.ts";
export type { Confirmed } from "./publish-error.ts";
