import type { VirtualHost } from "../model/virtual-host.ts";
import { created, json, noContent } from "./answer.ts";
import { badRequest } from "./api-error.ts";
import type { ApiRequest, Json } from "./api-request.ts";
import { node } from "./broker-view.ts";
import { listed, shown } from "./listing.ts";
import { messageCounts } from "./queue-views.ts";
import type { Route } from "./route.ts";
import { permissionsIn } from "./user-routes.ts";

export const vhostRoutes: readonly Route[] = [
  { path: "vhosts", methods: { GET: (request) => listed(request.vhosts.map(vhostView), request) } },
  {
    path: "vhosts/{vhost}",
    methods: {
      GET: (request) => shown(vhostView(request.vhost), request),
      PUT: (request) => {
        request.demandAdministrator();
        const name = request.param("vhost");
        if (name === "") throw badRequest("name is empty");
        void request.json;
        const isNew = !request.broker.vhosts.has(name);
        addVhost(request, name);
        return isNew ? created : noContent;
      },
      DELETE: (request) => {
        request.demandAdministrator();
        request.broker.deleteVhost(request.vhost.name);
        return noContent;
      },
    },
  },
  {
    path: "vhosts/{vhost}/permissions",
    methods: {
      GET: (request) => {
        request.demandAdministrator();
        return listed(permissionsIn(request.broker, [request.vhost]), request);
      },
    },
  },
  { path: "vhosts/{vhost}/topic-permissions", methods: { GET: ({ vhost }) => json(vhost && []) } },
];

/** As RabbitMQ does, it lets whoever makes a virtual host do everything there. */
export function addVhost({ broker, user }: ApiRequest, name: string): void {
  if (broker.vhosts.has(name)) return;
  broker.addVhost(name);
  if (!broker.accounts.mayEnter(user.name, name))
    broker.accounts.grant(user.name, name, { configure: ".*", write: ".*", read: ".*" });
}

function vhostView(vhost: VirtualHost): Json {
  const description = vhost.name === "/" ? "Default virtual host" : "";
  return {
    name: vhost.name,
    description,
    tags: [],
    default_queue_type: "undefined",
    metadata: { description, tags: [] },
    tracing: false,
    cluster_state: { [node]: "running" },
    ...messageCounts(vhost.queues),
  };
}
