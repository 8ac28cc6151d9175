/**
 * A supervised RabbitMQ connection with declarative topology. It is the only package of Warren that knows an AMQP
 * client; publishers and consumers are made on top of it.
 *
 * - A **Connection** holds up to two **sockets**, one for publishes and one for everything else. Both come back after
 *   every loss, with growing pauses, to the next broker of the list. Its `state` is the worse of the two.
 * - A **topology** is data: exchanges, queues, bindings ({@link defineTopology}). {@link connect} declares it.
 * - A **channel** is supervised too: an error closes that channel alone, and it is made anew.
 *
 * ```ts
 * const topology = defineTopology({
 *   exchanges: { orders: { type: "topic" } },
 *   queues: { billing: { bindings: [{ exchange: "orders", routingKey: "order.placed.*" }] } },
 * });
 *
 * await using connection = await connect("amqps://user:password@broker.example.com", { topology });
 * connection.closeOnSignals();
 * for await (const { from, to, error } of connection.status()) report(from, to, error);
 * ```
 *
 * What was in flight when a socket was lost is not forgotten: see the confirm channel and the consume channel, on which
 * `@warren/publisher` and `@warren/consumer` rest.
 */

// For applications
export { connect } from "./connect.ts";
export type { Connection } from "./connection.ts";
export type { CloseOnSignalsOptions } from "./close-on-signals.ts";
export type { ConnectOptions } from "./connect-options.ts";
export type { ConnectionState, ConnectionStatus } from "./connection-state.ts";
export type { Credentials, CredentialsSource } from "./socket/login.ts";
export type { TlsOptions } from "./socket/tls-options.ts";
export { countMessages, type MessageCounts } from "./topology/count-messages.ts";
export { deleteTopology } from "./topology/delete-topology.ts";
export { defineTopology } from "./topology/define-topology.ts";
export type {
  BindingDefinition,
  DeadLetterDefinition,
  ExchangeDefinition,
  PolicyDefinition,
  QueueDefinition,
  RetryDefinition,
} from "./topology/definition.ts";
export type { ExchangeRef, QueueRef } from "./topology/queue-ref.ts";
export type { Topology, TopologyWarning } from "./topology/topology.ts";

// For library authors
export type { ConnectionChannels } from "./connection-channels.ts";
export type { ConfirmChannel, PublishControl } from "./confirms/confirm-channel.ts";
export {
  type ConfirmChannelOptions,
  confirmChannelDefaults,
  confirmChannelRules,
} from "./confirms/confirm-channel-options.ts";
export type { ConsumeChannel } from "./consume/consume-channel.ts";
export type { ConsumeChannelOptions } from "./consume/consume-channel-options.ts";
export { redeclareQueue } from "./consume/redeclare-queue.ts";
export type { ChannelUse, SupervisedChannel } from "./channel/supervised-channel.ts";
export type { WireChannel } from "./channel/wire-channel.ts";
export type { QueueCount, WireDelivery, WireReturn } from "./channel/wire-message.ts";
export { fromWireProperties, toWireProperties, type WireProperties } from "./channel/wire-properties.ts";
export { withDeadline } from "./channel/deadline.ts";
export { type BrokerAddress, type BrokerUri, describeAddress, parseUri } from "./uri.ts";
export { StatusFeed } from "./status-feed.ts";
export type { SocketKind } from "./socket/supervised-socket.ts";
export type {
  BindingDeclaration,
  Declarations,
  ExchangeDeclaration,
  QueueDeclaration,
} from "./topology/declarations.ts";
export type { DeadLetterTarget, QueueSource, RetryStep } from "./topology/queue-ref.ts";
export { canReach } from "./topology/reachability.ts";
export type { DeclaringChannel, DeclaringPort } from "./topology/declaring-channel.ts";
export { declareTopology, type DeclareMode } from "./topology/declare-topology.ts";
export { checkTopology } from "./topology/check-topology.ts";
export { planTopology } from "./topology/plan-topology.ts";
export { formatPlan } from "./topology/format-plan.ts";
export type { Plan, PlanEntry, PlanFinding, PlanSubject } from "./topology/plan.ts";
export type { ManagementOptions } from "./topology/management-api.ts";
export type { Difference } from "./topology/compare.ts";
export type { Drift } from "./topology/drift.ts";
