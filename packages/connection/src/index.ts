/**
 * A supervised RabbitMQ connection. {@link connect} opens it and declares the topology; publishers and consumers are
 * made on top of it.
 */

// For applications
export { connect, type Connection } from "./connection.ts";
export type { ConnectOptions } from "./connect-options.ts";

// For library authors
export type { ConsumeChannel, ConsumeChannelOptions } from "./consume/consume-channel.ts";
export type { ChannelUse, SupervisedChannel } from "./channel/supervised-channel.ts";
export type { QueueCount, WireChannel, WireDelivery, WireReturn } from "./channel/wire-channel.ts";
export { fromWireProperties, toWireProperties, type WireProperties } from "./channel/wire-properties.ts";
export { withDeadline } from "./channel/deadline.ts";
export { type BrokerAddress, describeAddress, parseUri } from "./uri.ts";
export type { SocketKind } from "./socket/supervised-socket.ts";
