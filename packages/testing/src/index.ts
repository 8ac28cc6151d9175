/**
 * What the tests of a RabbitMQ program need: faults on the wire, and brokers of their own to kill. It works with any
 * AMQP client; nothing here imports one.
 *
 * - {@link startFaultProxy}: a TCP proxy that resets, cuts, slows, tears and swallows on request, counts AMQP frames
 *   and waits for them.
 * - {@link startRabbitMq}, {@link startRabbitMqCluster}, {@link startRabbitMqContainer}, {@link startPostgres}: servers
 *   of one's own on free ports of the loopback interface. What they start never outlives the test process.
 * - {@link watchBroker}: spies on what happens to messages, and `settled()`, on any broker.
 * - {@link duplicateDeliveries}, {@link reorderDeliveries}, {@link delayDeliveries}, {@link crashBeforeAck},
 *   {@link crashAfterCommit}: middleware that does to a handler what a broker may do.
 * - {@link resolveBroker}: the broker of a test run, from `AMQP_URL`, a private node or a container, else an embedded one.
 * - `@warren/testing/vitest` has a broker for each test file.
 *
 * ```ts
 * await using broker = await startRabbitMq();
 * await using proxy = await startFaultProxy({ target: broker });
 * const frames = proxy.frames();
 * const connection = await connect(proxy.url(broker.url));
 *
 * await frames.passed(3, "basic.deliver"); // the third delivery went by
 * proxy.reset(); // TCP RST at both ends
 *
 * proxy.blackHole("toServer"); // the peer is there and hears nothing
 * await proxy.heal();
 *
 * await broker.kill(); // SIGKILL
 * await broker.start(); // the same port, the same data
 * ```
 */

// For applications
export { startFaultProxy, type FaultProxy, type FaultProxyOptions } from "./proxy/fault-proxy.ts";
export type { WireObserver } from "./proxy/wire-observer.ts";
export type { ProxiedConnection } from "./proxy/proxied-connection.ts";
export type {
  CutOptions,
  DelayOptions,
  Directions,
  LinkFaults,
  SegmentOptions,
  ThrottleOptions,
} from "./proxy/link-faults.ts";
export type { CutKind, Direction, PipeFaults } from "./proxy/pipe-faults.ts";
export type { FrameObserver, FramePattern, FrameTap, SeenFrame } from "./proxy/frame-tap.ts";
export { startRabbitMq } from "./rabbitmq/start-rabbitmq.ts";
export { startRabbitMqCluster, type RabbitMqClusterOptions } from "./rabbitmq/start-rabbitmq-cluster.ts";
export type { RabbitMqCluster } from "./rabbitmq/rabbitmq-cluster.ts";
export type { RabbitMqOptions } from "./rabbitmq/rabbitmq-options.ts";
export type { RabbitMqNode, TlsAccess } from "./rabbitmq/rabbitmq-node.ts";
export type { BrokerControl, Permissions, UserDefinition } from "./rabbitmq/broker-control.ts";
export type { Certificate, CertificateAuthority, CertificateOptions } from "./rabbitmq/certificates.ts";
export { startRabbitMqContainer } from "./docker/rabbitmq-container.ts";
export type { RabbitMqContainer, RabbitMqContainerOptions } from "./docker/rabbitmq-container.ts";
export { startPostgres } from "./postgres/start-postgres.ts";
export type { PostgresOptions } from "./postgres/postgres-options.ts";
export type { PostgresServer } from "./postgres/postgres-server.ts";
export { startPostgresContainer } from "./docker/postgres-container.ts";
export type { PostgresContainer, PostgresContainerOptions } from "./docker/postgres-container.ts";
export { watchBroker } from "./watch/watch-broker.ts";
export type { WatchOptions } from "./watch/watch-options.ts";
export type { SettledOptions, Spy, SpyOptions, WatchedBroker } from "./watch/watched-broker.ts";
export { crashAfterCommit } from "./chaos/crash-after-commit.ts";
export { crashBeforeAck } from "./chaos/crash-before-ack.ts";
export { delayDeliveries, type DelayDeliveriesOptions } from "./chaos/delay-deliveries.ts";
export { duplicateDeliveries } from "./chaos/duplicate-deliveries.ts";
export { reorderDeliveries, type ReorderDeliveriesOptions } from "./chaos/reorder-deliveries.ts";
export type { Breakable } from "./chaos/crash.ts";
export type { Frequency } from "./broker/faults/frequency.ts";
export { WatchError } from "./watch/watch-error.ts";
export type {
  MessagePattern,
  Spied,
  SpiedDelivery,
  SpiedFailure,
  SpiedMessage,
  SpiedPayload,
  SpiedProperties,
  SpiedRefusal,
  SpiedRetry,
} from "./watch/spied-message.ts";
export { resolveBroker, type ResolvedBroker } from "./resolve-broker.ts";
export { resolveDatabase, type ResolvedDatabase } from "./resolve-database.ts";
export { LaunchError } from "./launch-error.ts";

// For library authors
export { FrameReader, type Frame } from "./proxy/frame-reader.ts";
export type { MethodFields } from "./proxy/method-fields.ts";
export type { MethodName } from "./broker/codec/method-table.ts";
export type { BrokerGreeting } from "./rabbitmq/broker-probe.ts";
export type { NodeAccess } from "./rabbitmq/node-control.ts";
export type { TestEnvironment } from "./environment.ts";
