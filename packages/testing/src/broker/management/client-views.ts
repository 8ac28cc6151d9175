import { jsonOf } from "../codec/json-table.ts";
import type { BrokerConnection } from "../wire/broker-connection.ts";
import type { ChannelConsumer } from "../wire/channel-consumer.ts";
import type { Channel } from "../wire/channel.ts";
import type { Json } from "./api-request.ts";
import { node } from "./broker-view.ts";

/** A connection and what stands on it, as the API shows them. */
export function connectionView(connection: BrokerConnection): Json {
  const { agreement, name, user, vhost } = connection;
  const ends = endsOf(name);
  return {
    auth_mechanism: agreement?.mechanism,
    channel_max: agreement?.channelMax,
    channels: connection.channels.length,
    client_properties: jsonOf(agreement?.clientProperties ?? new Map()),
    connected_at: connection.connectedAtMs,
    frame_max: agreement?.frameMaxBytes,
    host: ends.host,
    name,
    node,
    peer_host: ends.peer_host,
    peer_port: ends.peer_port,
    port: ends.port,
    protocol: "AMQP 0-9-1",
    ssl: connection.isEncrypted,
    state: connection.isBlocked ? "blocked" : "running",
    timeout: agreement?.heartbeatSeconds,
    type: "network",
    user,
    user_who_performed_action: user,
    vhost,
  };
}

export function channelView(connection: BrokerConnection, channel: Channel): Json {
  const { user, vhost } = connection;
  return {
    acks_uncommitted: 0,
    confirm: channel.confirms !== undefined,
    connection_details: peerOf(connection),
    consumer_count: channel.consumerCount,
    global_prefetch_count: channel.prefetch.limitCount,
    messages_unacknowledged: channel.unackedCount,
    messages_uncommitted: 0,
    messages_unconfirmed: 0,
    name: channelName(connection, channel),
    node,
    number: channel.number,
    prefetch_count: channel.consumerPrefetchCount,
    state: "running",
    transactional: channel.transaction !== undefined,
    user,
    user_who_performed_action: user,
    vhost,
  };
}

export function consumerView(
  connection: BrokerConnection,
  channel: Channel,
  consumer: ChannelConsumer,
): Json {
  return {
    arguments: jsonOf(consumer.arguments),
    ack_required: !consumer.noAck,
    active: true,
    activity_status: "up",
    channel_details: {
      connection_name: connection.name,
      name: channelName(connection, channel),
      node,
      number: channel.number,
      ...endsOf(connection.name, "peer"),
      user: connection.user,
    },
    consumer_tag: consumer.tag,
    exclusive: consumer.exclusive,
    prefetch_count: consumer.prefetchCount,
    queue: { name: consumer.queue.declaration.name, vhost: connection.vhost },
  };
}

export function consumersOf(connections: readonly BrokerConnection[]): readonly Json[] {
  return connections.flatMap((connection) =>
    connection.channels.flatMap((channel) =>
      Array.from(channel.consumers.values(), (consumer) => consumerView(connection, channel, consumer)),
    ),
  );
}

export function peerOf({ name }: { readonly name: string }): Json {
  return { name, ...endsOf(name, "peer") };
}

function channelName(connection: BrokerConnection, channel: Channel): string {
  return `${connection.name} (${channel.number})`;
}

interface Ends {
  readonly peer_host: string;
  readonly peer_port: number;
  readonly host: string;
  readonly port: number;
}

function endsOf(name: string): Ends;
function endsOf(name: string, only: "peer"): Pick<Ends, "peer_host" | "peer_port">;
function endsOf(name: string, only?: "peer"): Partial<Ends> {
  const [peer = "", own = ""] = name.split(" -> ");
  const at = (end: string): readonly [string, number] => {
    const colon = end.lastIndexOf(":");
    return [end.slice(0, colon), Number(end.slice(colon + 1))];
  };
  const [peerHost, peerPort] = at(peer);
  const [host, port] = at(own);
  const peerEnd = { peer_host: peerHost, peer_port: peerPort };
  return only === "peer" ? peerEnd : { ...peerEnd, host, port };
}
