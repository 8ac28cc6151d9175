import { jsonOf } from "../codec/json-table.ts";
import type { ExchangeDeclaration } from "../model/exchange/exchange-declaration.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import { type Answer, created, noContent } from "./answer.ts";
import { notFound } from "./api-error.ts";
import { type ApiRequest, argumentsIn, booleanIn, type Json, textIn } from "./api-request.ts";
import { bindingViews } from "./binding-routes.ts";
import { listed, shown } from "./listing.ts";
import type { Route } from "./route.ts";

export const exchangeRoutes: readonly Route[] = [
  {
    path: "exchanges",
    methods: { GET: (request) => listed(request.vhosts.flatMap(exchangeViews), request) },
  },
  {
    path: "exchanges/{vhost}",
    methods: { GET: (request) => listed(exchangeViews(request.vhost), request) },
  },
  {
    path: "exchanges/{vhost}/{name}",
    methods: {
      GET: (request) =>
        shown({ ...exchangeView(request.vhost, exchangeOf(request)), incoming: [], outgoing: [] }, request),
      PUT: (request) => {
        const { vhost, permissions } = request;
        const declaration = exchangeIn(request.json, request.param("name"));
        const isNew = !vhost.hasExchange(declaration.name);
        permissions.toDeclareExchange(declaration, { isNew });
        vhost.declareExchange(declaration);
        return isNew ? created : noContent;
      },
      DELETE: (request) => {
        const { name } = exchangeOf(request);
        request.permissions.toDeleteExchange(name);
        request.vhost.deleteExchange(name, { ifUnused: request.query.get("if-unused") === "true" });
        return noContent;
      },
    },
  },
  {
    path: "exchanges/{vhost}/{name}/bindings/source",
    methods: { GET: (request) => bindingsAt(request, (each) => each["source"]) },
  },
  {
    path: "exchanges/{vhost}/{name}/bindings/destination",
    methods: {
      GET: (request) =>
        bindingsAt(request, (each) =>
          each["destination_type"] === "exchange" ? each["destination"] : undefined,
        ),
    },
  },
];

/** @throws ApiError 404 */
export function exchangeOf(request: ApiRequest): ExchangeDeclaration {
  const asked = request.param("name");
  const name = asked === "amq.default" ? "" : asked;
  for (const exchange of request.vhost.exchanges) if (exchange.name === name) return exchange;
  throw notFound();
}

export function exchangeIn(asked: Json, name: string): ExchangeDeclaration {
  return {
    name,
    type: textIn(asked, "type", "direct"),
    durable: booleanIn(asked, "durable"),
    autoDelete: booleanIn(asked, "auto_delete"),
    internal: booleanIn(asked, "internal"),
    arguments: argumentsIn(asked),
  };
}

function exchangeViews(vhost: VirtualHost): readonly Json[] {
  return Array.from(vhost.exchanges, (exchange) => exchangeView(vhost, exchange));
}

function exchangeView(vhost: VirtualHost, exchange: ExchangeDeclaration): Json {
  const { name, type, durable, autoDelete, internal } = exchange;
  return {
    arguments: jsonOf(exchange.arguments),
    auto_delete: autoDelete,
    durable,
    internal,
    name,
    type,
    user_who_performed_action: name === "" || name.startsWith("amq.") ? "rmq-internal" : "guest",
    vhost: vhost.name,
  };
}

function bindingsAt(request: ApiRequest, endOf: (binding: Json) => unknown): Answer {
  const { name } = exchangeOf(request);
  return listed(
    bindingViews(request.vhost).filter((each) => endOf(each) === name),
    request,
  );
}
