import type { Queue, QueueDeclaration } from "../model/queue/queue.ts";
import { created, noContent } from "./answer.ts";
import { notFound } from "./api-error.ts";
import { type ApiRequest, argumentsIn, booleanIn, type Json } from "./api-request.ts";
import { apiOwner, queueIn } from "./broker-view.ts";
import { bindingViews } from "./binding-routes.ts";
import { consumersOf, peerOf } from "./client-views.ts";
import { listed, shown } from "./listing.ts";
import { queueView } from "./queue-views.ts";
import type { Route } from "./route.ts";

export const queueRoutes: readonly Route[] = [
  {
    path: "queues",
    methods: {
      GET: (request) =>
        listed(
          request.vhosts.flatMap((vhost) => Array.from(vhost.queues, (queue) => queueView(vhost, queue))),
          request,
        ),
    },
  },
  {
    path: "queues/{vhost}",
    methods: {
      GET: (request) =>
        listed(
          Array.from(request.vhost.queues, (queue) => queueView(request.vhost, queue)),
          request,
        ),
    },
  },
  {
    path: "queues/{vhost}/{name}",
    methods: {
      GET: (request) => shown(detailed(request, queueOf(request)), request),
      PUT: (request) => {
        const { vhost, permissions } = request;
        const declaration = declarationIn(request.json, request.param("name"));
        const isNew = !vhost.hasQueue(declaration.name);
        permissions.toDeclareQueue(declaration, { isNew });
        vhost.declareQueue(declaration, apiOwner);
        return isNew ? created : noContent;
      },
      DELETE: (request) => {
        const { name } = queueOf(request).declaration;
        request.permissions.check("configure", "queue", name);
        request.vhost.deleteQueue(name, apiOwner, {
          ifUnused: request.query.get("if-unused") === "true",
          ifEmpty: request.query.get("if-empty") === "true",
        });
        return noContent;
      },
    },
  },
  {
    path: "queues/{vhost}/{name}/bindings",
    methods: {
      GET: (request) => {
        const { name } = queueOf(request).declaration;
        const here = bindingViews(request.vhost).filter(
          (each) => each["destination_type"] === "queue" && each["destination"] === name,
        );
        return listed(here, request);
      },
    },
  },
  {
    path: "queues/{vhost}/{name}/contents",
    methods: {
      DELETE: (request) => {
        const { name } = queueOf(request).declaration;
        request.permissions.check("read", "queue", name);
        request.vhost.queue(name, apiOwner).purge();
        return noContent;
      },
    },
  },
  { path: "queues/{vhost}/{name}/actions", methods: { POST: (request) => (queueOf(request), noContent) } },
];

/** @throws ApiError 404 */
function queueOf(request: ApiRequest): Queue {
  const queue = queueIn(request.vhost, request.param("name"));
  if (queue === undefined) throw notFound();
  return queue;
}

export function declarationIn(asked: Json, name: string): QueueDeclaration {
  return {
    name,
    durable: booleanIn(asked, "durable"),
    exclusive: false,
    autoDelete: booleanIn(asked, "auto_delete"),
    arguments: argumentsIn(asked),
  };
}

function detailed({ vhost, broker }: ApiRequest, queue: Queue): Json {
  const { name } = queue.declaration;
  const connections = broker.connections().filter((connection) => connection.vhost === vhost.name);
  const consumers = consumersOf(connections).filter(({ queue: of }) => (of as Json)["name"] === name);
  return {
    ...queueView(vhost, queue),
    consumer_details: consumers,
    deliveries: [],
    incoming: [],
    ...(queue.owner === undefined ? {} : { owner_pid_details: peerOf(queue.owner) }),
  };
}
