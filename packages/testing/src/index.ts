/**
 * What tests of a RabbitMQ program need and cannot get from the broker itself.
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
export { resolveBroker, type ResolvedBroker } from "./resolve-broker.ts";
export { LaunchError } from "./launch-error.ts";

// For library authors
export { FrameReader, type Frame } from "./proxy/frame-reader.ts";
export type { MethodFields } from "./proxy/method-fields.ts";
export type { MethodName } from "./proxy/method-names.ts";
export type { BrokerGreeting } from "./rabbitmq/broker-probe.ts";
export type { NodeAccess } from "./rabbitmq/node-control.ts";
export type { TestEnvironment } from "./environment.ts";
