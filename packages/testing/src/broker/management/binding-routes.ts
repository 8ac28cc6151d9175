import { jsonOf } from "../codec/json-table.ts";
import type { Binding } from "../model/exchange/binding.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import { noContent } from "./answer.ts";
import { notFound } from "./api-error.ts";
import { type ApiRequest, argumentsIn, type Json, textIn } from "./api-request.ts";
import { meansBinding, propertiesKey, quotePlus } from "./binding-key.ts";
import { apiOwner, queueIn } from "./broker-view.ts";
import { listed, shown } from "./listing.ts";
import type { Route } from "./route.ts";

export const bindingRoutes: readonly Route[] = [
  {
    path: "bindings",
    methods: { GET: (request) => listed(request.vhosts.flatMap(bindingViews), request) },
  },
  {
    path: "bindings/{vhost}",
    methods: { GET: (request) => listed(bindingViews(request.vhost), request) },
  },
  {
    path: "bindings/{vhost}/e/{source}/{kind}/{destination}",
    methods: {
      GET: (request) =>
        listed(
          between(request).map((each) => bindingView(request.vhost, each)),
          request,
        ),
      POST: (request) => {
        const asked = request.json;
        const binding: Binding = {
          ...endsOf(request),
          routingKey: textIn(asked, "routing_key"),
          arguments: argumentsIn(asked),
        };
        request.permissions.toBind(binding);
        request.vhost.bind(binding, apiOwner);
        const location = `${quotePlus(binding.destination)}/${encodeURIComponent(propertiesKey(binding))}`;
        return { status: 201, headers: { location } };
      },
    },
  },
  {
    path: "bindings/{vhost}/e/{source}/{kind}/{destination}/{properties}",
    methods: {
      GET: (request) => shown(bindingView(request.vhost, bindingOf(request)), request),
      DELETE: (request) => {
        const binding = bindingOf(request);
        request.permissions.toBind(binding);
        request.vhost.unbind(binding, apiOwner);
        return noContent;
      },
    },
  },
];

/** Those of the default exchange first. */
export function bindingViews(vhost: VirtualHost): readonly Json[] {
  return [...defaultBindings(vhost), ...vhost.bindings].map((binding) => bindingView(vhost, binding));
}

export function bindingView(vhost: VirtualHost, binding: Binding): Json {
  return {
    source: binding.source,
    vhost: vhost.name,
    destination: binding.destination,
    destination_type: binding.destinationKind,
    routing_key: binding.routingKey,
    arguments: jsonOf(binding.arguments),
    properties_key: propertiesKey(binding),
  };
}

function defaultBindings(vhost: VirtualHost): readonly Binding[] {
  return Array.from(vhost.queues, ({ declaration: { name } }) => ({
    source: "",
    destination: name,
    destinationKind: "queue",
    routingKey: name,
    arguments: new Map(),
  }));
}

type Ends = Pick<Binding, "source" | "destination" | "destinationKind">;

/** @throws ApiError 404 for what is neither `q` nor `e` */
function endsOf(request: ApiRequest): Ends {
  const [source, kind, destination] = ["source", "kind", "destination"].map((name) => request.param(name));
  if (kind !== "q" && kind !== "e") throw notFound();
  return { source: source!, destination: destination!, destinationKind: kind === "q" ? "queue" : "exchange" };
}

function between(request: ApiRequest): readonly Binding[] {
  const { vhost } = request;
  const { source, destination, destinationKind } = endsOf(request);
  const all = source === "" && queueIn(vhost, destination) ? defaultBindings(vhost) : [...vhost.bindings];
  return all.filter(
    (each) =>
      each.source === source && each.destination === destination && each.destinationKind === destinationKind,
  );
}

function bindingOf(request: ApiRequest): Binding {
  const found = between(request).find((each) => meansBinding(request.param("properties"), each));
  if (found === undefined) throw notFound();
  return found;
}
