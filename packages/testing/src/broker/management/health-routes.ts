import { json, type Answer } from "./answer.ts";
import type { Route } from "./route.ts";

const ok = json({ status: "ok" });
const alone = json({ status: "ok", reason: "single node cluster" });

/** What is asked of a broker that is well as long as it answers. */
export const healthRoutes: readonly Route[] = [
  { path: "aliveness-test/{vhost}", methods: { GET: ({ vhost }) => vhost && ok } },
  { path: "health/checks/alarms", methods: { GET: () => ok } },
  { path: "health/checks/local-alarms", methods: { GET: () => ok } },
  { path: "health/checks/virtual-hosts", methods: { GET: () => ok } },
  { path: "health/checks/node-is-quorum-critical", methods: { GET: () => alone } },
  { path: "health/checks/node-is-mirror-sync-critical", methods: { GET: () => alone } },
  { path: "health/checks/certificate-expiration/{within}/{unit}", methods: { GET: () => ok } },
  {
    path: "health/checks/port-listener/{port}",
    methods: {
      GET: ({ broker, params }) => {
        const port = Number(params["port"]);
        const ports = [broker.managementPort, broker.port];
        return ports.includes(port) ? json({ status: "ok", port }) : failed({ missing: port, ports });
      },
    },
  },
  {
    path: "health/checks/protocol-listener/{protocol}",
    methods: {
      GET: ({ params }) => {
        const asked = params["protocol"] ?? "";
        const protocol = /^amqp(091|0-9-1|0\.9\.1)?$/.test(asked) ? "amqp" : asked;
        const protocols = ["http", "amqp"];
        return protocols.includes(protocol)
          ? json({ status: "ok", protocol })
          : failed({ missing: protocol, protocols });
      },
    },
  },
];

function failed(what: Readonly<Record<string, unknown>>): Answer {
  return { status: 503, body: { status: "failed", reason: "No active listener", ...what } };
}
