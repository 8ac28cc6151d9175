import type { Queue } from "../model/queue/queue.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import { json } from "./answer.ts";
import type { ApiRequest, Json } from "./api-request.ts";
import { type BrokerView, node } from "./broker-view.ts";
import { shown } from "./listing.ts";
import { messageCounts } from "./queue-views.ts";
import type { Route } from "./route.ts";

const exchangeTypes = ["direct", "fanout", "headers", "topic"].map((name) => ({
  name,
  description: `AMQP ${name} exchange, as per the AMQP specification`,
  enabled: true,
}));

export const overviewRoutes: readonly Route[] = [
  { path: "overview", methods: { GET: (request) => shown(overview(request), request) } },
  {
    path: "whoami",
    methods: { GET: ({ user: { name, tags } }) => json({ name, tags }) },
  },
  { path: "cluster-name", methods: { GET: () => json({ name: node }) } },
  { path: "nodes", methods: { GET: ({ broker }) => json([nodeView(broker)]) } },
  { path: "nodes/{name}", methods: { GET: ({ broker }) => json(nodeView(broker)) } },
];

function overview({ broker, vhosts }: ApiRequest): Json {
  const { versionText } = broker.rules;
  const connections = broker.connections();
  const channels = connections.flatMap((connection) => connection.channels);
  return {
    management_version: versionText,
    rates_mode: "basic",
    exchange_types: exchangeTypes,
    product_version: versionText,
    product_name: "RabbitMQ",
    rabbitmq_version: versionText,
    cluster_name: node,
    erlang_version: "none",
    erlang_full_version: "none: this is the embedded broker of Warren",
    disable_stats: false,
    enable_queue_totals: false,
    message_stats: {},
    churn_rates: {},
    queue_totals: messageCounts(queuesOf(vhosts)),
    object_totals: {
      channels: channels.length,
      connections: connections.length,
      consumers: channels.reduce((sum, { consumerCount }) => sum + consumerCount, 0),
      exchanges: vhosts.reduce((sum, { exchanges }) => sum + [...exchanges].length, 0),
      queues: queuesOf(vhosts).length,
    },
    statistics_db_event_queue: 0,
    node,
    listeners: [listener("amqp", broker.port), listener("http", broker.managementPort)],
    contexts: [contextOf(broker)],
  };
}

function nodeView(broker: BrokerView): Json {
  return {
    partitions: [],
    mem_alarm: false,
    disk_free_alarm: false,
    rates_mode: "basic",
    uptime: Date.now() - broker.startedAtMs,
    exchange_types: exchangeTypes,
    contexts: [contextOf(broker)],
    enabled_plugins: ["rabbitmq_management"],
    name: node,
    type: "disc",
    running: true,
  };
}

function listener(protocol: string, port: number): Json {
  return { node, protocol, ip_address: "127.0.0.1", port, socket_opts: {} };
}

function contextOf({ managementPort }: BrokerView): Json {
  return { node, description: "RabbitMQ Management", path: "/", ip: "127.0.0.1", port: `${managementPort}` };
}

function queuesOf(vhosts: readonly VirtualHost[]): readonly Queue[] {
  return vhosts.flatMap(({ queues }) => [...queues]);
}
