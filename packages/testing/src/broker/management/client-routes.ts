import { replyNames } from "../amqp-error.ts";
import type { BrokerConnection } from "../wire/broker-connection.ts";
import type { Channel } from "../wire/channel.ts";
import { noContent } from "./answer.ts";
import { notFound } from "./api-error.ts";
import type { ApiRequest, Json } from "./api-request.ts";
import { channelView, connectionView, consumersOf } from "./client-views.ts";
import { listed, shown } from "./listing.ts";
import type { Route } from "./route.ts";

export const clientRoutes: readonly Route[] = [
  {
    path: "connections",
    methods: { GET: (request) => listed(visible(request).map(connectionView), request) },
  },
  {
    path: "vhosts/{vhost}/connections",
    methods: { GET: (request) => listed(connectionsIn(request).map(connectionView), request) },
  },
  {
    path: "connections/{name}",
    methods: {
      GET: (request) => shown(connectionView(connectionOf(request)), request),
      DELETE: (request) => {
        const reason = "Closed via management plugin";
        connectionOf(request).close(320, `${replyNames[320]} - ${reason}`);
        return noContent;
      },
    },
  },
  {
    path: "connections/{name}/channels",
    methods: { GET: (request) => listed(channelsOf([connectionOf(request)]).map(view), request) },
  },
  {
    path: "channels",
    methods: { GET: (request) => listed(channelsOf(visible(request)).map(view), request) },
  },
  {
    path: "vhosts/{vhost}/channels",
    methods: { GET: (request) => listed(channelsOf(connectionsIn(request)).map(view), request) },
  },
  {
    path: "channels/{name}",
    methods: {
      GET: (request) => {
        const found = channelsOf(visible(request)).find(
          (each) => view(each)["name"] === request.param("name"),
        );
        if (found === undefined) throw notFound();
        return shown({ ...view(found), consumer_details: consumersOn(found) }, request);
      },
    },
  },
  { path: "consumers", methods: { GET: (request) => listed(consumersOf(visible(request)), request) } },
  {
    path: "consumers/{vhost}",
    methods: { GET: (request) => listed(consumersOf(connectionsIn(request)), request) },
  },
];

interface OpenChannel {
  readonly connection: BrokerConnection;
  readonly channel: Channel;
}

/** Whose virtual host the user may enter. */
function visible({ broker, vhosts }: ApiRequest): readonly BrokerConnection[] {
  const names = new Set(vhosts.map(({ name }) => name));
  return broker.connections().filter(({ vhost }) => names.has(vhost));
}

function connectionsIn({ broker, vhost }: ApiRequest): readonly BrokerConnection[] {
  return broker.connections().filter((connection) => connection.vhost === vhost.name);
}

/** @throws ApiError 404 */
function connectionOf(request: ApiRequest): BrokerConnection {
  const found = visible(request).find(({ name }) => name === request.param("name"));
  if (found === undefined) throw notFound();
  return found;
}

function channelsOf(connections: readonly BrokerConnection[]): readonly OpenChannel[] {
  return connections.flatMap((connection) => connection.channels.map((channel) => ({ connection, channel })));
}

function view({ connection, channel }: OpenChannel): Json {
  return channelView(connection, channel);
}

function consumersOn({ connection, channel }: OpenChannel): readonly Json[] {
  return consumersOf([connection]).filter(
    (each) => (each["channel_details"] as Json)["number"] === channel.number,
  );
}
