/**
 * A message broker for tests and first runs: it speaks AMQP 0-9-1 on a real TCP port, keeps everything in memory and needs
 * nothing but Node, no matter which client connects.
 *
 * It behaves like RabbitMQ, in order, fairness, error codes and texts, as measured on a running 3.10.8 (or 4.0.5, see
 * `version`). It listens on the loopback interface only, unless it is given users of its own. It is no server for
 * production: a durable queue is lost with the process like any other.
 *
 * - {@link startEmbeddedBroker} starts one, ready to listen when it resolves.
 * - {@link EmbeddedBroker}: its `url`, who is connected, virtual hosts and users.
 * - {@link Faults}, `broker.faults`: confirms that never come, deliveries that come twice, and whatever else RabbitMQ does on
 *   a bad day.
 * - {@link Management}: RabbitMQ's HTTP API, for tools that list, declare and import, with `management: true`.
 * - {@link Clock}: message and queue expiry follow a clock that a test can move, {@link ManualClock}.
 *
 * ```ts
 * await using broker = await startEmbeddedBroker();
 * const connection = await connect(broker.url);
 *
 * const channel = await connection.createConfirmChannel();
 * await channel.assertQueue("orders");
 * channel.sendToQueue("orders", Buffer.from("o-1"));
 * await channel.waitForConfirms(); // the broker has it
 *
 * broker.connections.length; // 1
 * ```
 */

// For applications
export { startEmbeddedBroker } from "./start-embedded-broker.ts";
export type { ConnectedClient, EmbeddedBroker } from "./embedded-broker.ts";
export type { Management } from "./management/management.ts";
export type { Fault } from "./faults/fault.ts";
export type { Faults } from "./faults/faults.ts";
export type { SeenDelivery, SeenPublish } from "./faults/seen-message.ts";
export type { EmbeddedBrokerOptions, UserAccount } from "./embedded-broker-options.ts";
export type { BrokerVersion } from "./version.ts";
export { ManualClock } from "./manual-clock.ts";
export type { Alarm, Clock } from "./clock.ts";
