import { jsonOf } from "../codec/json-table.ts";
import type { Binding } from "../model/exchange/binding.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import { json, noContent } from "./answer.ts";
import { ApiError, badRequest } from "./api-error.ts";
import { type ApiRequest, argumentsIn, isObject, type Json, textIn } from "./api-request.ts";
import { apiOwner } from "./broker-view.ts";
import { exchangeIn } from "./exchange-routes.ts";
import { declarationIn } from "./queue-routes.ts";
import type { Route } from "./route.ts";
import { patternsIn, permissionsIn, userIn, userView } from "./user-routes.ts";
import { addVhost } from "./vhost-routes.ts";

export const definitionRoutes: readonly Route[] = [
  {
    path: "definitions",
    methods: {
      GET: (request) => {
        request.demandAdministrator();
        return json(everything(request));
      },
      POST: (request) => {
        request.demandAdministrator();
        importAll(request, definitionsOf(request));
        return noContent;
      },
    },
  },
  {
    path: "definitions/{vhost}",
    methods: {
      GET: (request) => {
        request.demandAdministrator();
        const { vhost, broker } = request;
        const { versionText } = broker.rules;
        return json({ rabbit_version: versionText, parameters: [], policies: [], ...topologyOf(vhost) });
      },
      POST: (request) => {
        request.demandAdministrator();
        const vhost = request.broker.vhosts.get(request.param("vhost"));
        if (vhost === undefined) throw new ApiError(404, "not_found", "vhost_not_found");
        importTopology(definitionsOf(request), () => vhost);
        return noContent;
      },
    },
  },
];

const kept = ["topic_permissions", "parameters", "global_parameters", "policies"] as const;

function everything({ broker }: ApiRequest): Json {
  const { versionText } = broker.rules;
  const vhosts = [...broker.vhosts.values()];
  const all = vhosts.map((vhost) => ({ vhost: vhost.name, topology: topologyOf(vhost) }));
  const allOf = (what: keyof Topology): readonly Json[] =>
    all.flatMap(({ vhost, topology }) => topology[what].map((item) => ({ ...item, vhost })));
  return {
    rabbit_version: versionText,
    rabbitmq_version: versionText,
    product_name: "RabbitMQ",
    product_version: versionText,
    users: broker.accounts.users.map(userView),
    vhosts: vhosts.map(({ name }) => ({ name })),
    permissions: permissionsIn(broker, vhosts),
    ...Object.fromEntries(kept.map((name) => [name, []])),
    queues: allOf("queues"),
    exchanges: allOf("exchanges"),
    bindings: allOf("bindings"),
  };
}

type Topology = Readonly<Record<"queues" | "exchanges" | "bindings", readonly Json[]>>;

/** Without what is there anyway, and without exclusive queues. */
function topologyOf(vhost: VirtualHost): Topology {
  const queues = Array.from(vhost.queues, ({ declaration }) => declaration);
  const exchanges = [...vhost.exchanges].filter(({ name }) => name !== "" && !name.startsWith("amq."));
  const exclusive = new Set(queues.filter((queue) => queue.exclusive).map(({ name }) => name));
  const bindings = [...vhost.bindings].filter(
    (each) => each.destinationKind === "exchange" || !exclusive.has(each.destination),
  );
  return {
    queues: queues
      .filter((queue) => !queue.exclusive)
      .map(({ name, durable, autoDelete, arguments: args }) => ({
        name,
        durable,
        auto_delete: autoDelete,
        arguments: jsonOf(args),
      })),
    exchanges: exchanges.map(({ name, type, durable, autoDelete, internal, arguments: args }) => ({
      name,
      type,
      durable,
      auto_delete: autoDelete,
      internal,
      arguments: jsonOf(args),
    })),
    bindings: bindings.map((binding) => ({
      source: binding.source,
      destination: binding.destination,
      destination_type: binding.destinationKind,
      routing_key: binding.routingKey,
      arguments: jsonOf(binding.arguments),
    })),
  };
}

/** In RabbitMQ's order. What is there stays as it is, users and permissions aside. */
function importAll(request: ApiRequest, definitions: Json): void {
  const { accounts, vhosts } = request.broker;
  for (const user of itemsIn(definitions, "users")) accounts.put(userIn(user, textIn(user, "name")));
  for (const vhost of itemsIn(definitions, "vhosts")) addVhost(request, textIn(vhost, "name"));
  for (const item of itemsIn(definitions, "permissions"))
    accounts.grant(textIn(item, "user"), textIn(item, "vhost"), patternsIn(item));
  importTopology(definitions, (item) => {
    const vhost = vhosts.get(textIn(item, "vhost"));
    if (vhost === undefined) throw badRequest(["no_such_vhost", textIn(item, "vhost")]);
    return vhost;
  });
}

function importTopology(definitions: Json, vhostOf: (item: Json) => VirtualHost): void {
  for (const item of itemsIn(definitions, "exchanges")) {
    const [vhost, declaration] = [vhostOf(item), exchangeIn(item, textIn(item, "name"))];
    const isOurs = declaration.name === "" || declaration.name.startsWith("amq.");
    if (!isOurs && !vhost.hasExchange(declaration.name)) vhost.declareExchange(declaration);
  }
  for (const item of itemsIn(definitions, "queues")) {
    const [vhost, declaration] = [vhostOf(item), declarationIn(item, textIn(item, "name"))];
    if (!vhost.hasQueue(declaration.name)) vhost.declareQueue(declaration, apiOwner);
  }
  for (const item of itemsIn(definitions, "bindings")) vhostOf(item).bind(bindingIn(item), apiOwner);
}

function bindingIn(item: Json): Binding {
  return {
    source: textIn(item, "source"),
    destination: textIn(item, "destination"),
    destinationKind: textIn(item, "destination_type") === "exchange" ? "exchange" : "queue",
    routingKey: textIn(item, "routing_key"),
    arguments: argumentsIn(item),
  };
}

function itemsIn(definitions: Json, name: string): readonly Json[] {
  const items = definitions[name] ?? [];
  if (!Array.isArray(items) || !items.every(isObject)) throw badRequest(`${name} is no list of objects`);
  return items;
}

/** @throws ApiError 400 in the words that RabbitMQ has for definitions alone */
function definitionsOf(request: ApiRequest): Json {
  try {
    return request.json;
  } catch {
    throw badRequest("failed_to_parse_json");
  }
}
