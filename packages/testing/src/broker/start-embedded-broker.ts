import { accountProblems } from "./account-problems.ts";
import type { EmbeddedBroker } from "./embedded-broker.ts";
import { resolveEmbeddedBrokerOptions, type EmbeddedBrokerOptions } from "./embedded-broker-options.ts";
import { createFaults } from "./faults/create-faults.ts";
import type { BrokerView } from "./management/broker-view.ts";
import type { ManagementServer } from "./management/management-server.ts";
import { VirtualHost } from "./model/virtual-host.ts";
import { versionRules } from "./version.ts";
import { Accounts } from "./wire/accounts.ts";
import { type BrokerConnection, forced } from "./wire/broker-connection.ts";
import { BrokerServer } from "./wire/broker-server.ts";
import type { Interference } from "./wire/interference.ts";
import { ReplyAddresses } from "./wire/reply-addresses.ts";
import { purpose, serverProperties } from "./wire/server-properties.ts";

/**
 * Starts a broker in this process that speaks AMQP 0-9-1 on a port of its own, and resolves once it listens. Like any
 * server it keeps the process alive until it is closed. It is for tests and first runs: nothing is written to disk,
 * durable or not, and everything is lost with it. A message in a queue takes about 650 bytes of memory beside its body.
 *
 * @throws RangeError for options that cannot be, all problems in one text; for example a `host` that others can reach
 * without `users` of one's own
 * @throws Error with `code` EADDRINUSE and the like where it cannot listen
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const resolved = resolveEmbeddedBrokerOptions(options);
  const { clock, host, tls } = resolved;
  const rules = versionRules[resolved.version];
  const vhosts = new Map<string, VirtualHost>();
  const accounts = new Accounts(resolved.users, rules);

  const addVhost = (name: string): void => {
    if (!vhosts.has(name)) vhosts.set(name, new VirtualHost(name, { rules, clock }));
  };
  for (const name of ["/", ...resolved.vhosts]) addVhost(name);

  const interference: Interference = {};
  const server = await BrokerServer.listen({
    host,
    port: resolved.port,
    tls,
    broker: {
      rules,
      clock,
      vhosts,
      accounts,
      replyAddresses: new ReplyAddresses(),
      interference,
      serverProperties: serverProperties(rules),
      heartbeatSeconds: resolved.heartbeatSeconds,
      frameMaxBytes: resolved.frameMaxBytes,
      channelMax: resolved.channelMax,
    },
  });

  const faults = createFaults({
    interference,
    openConnections: () => server.connections,
    everyConnection: () => server.everyConnection,
  });
  const { port } = server;
  const url = urlOf({ scheme: tls === undefined ? "amqp" : "amqps", host, port, users: resolved.users });
  const deleteVhost = (name: string): void => {
    const vhost = vhosts.get(name);
    if (vhost === undefined) return;
    vhosts.delete(name);
    for (const connection of server.connections)
      if (connection.vhost === name) connection.close(320, forced(`vhost '${name}' is deleted`));
    vhost.destroy();
  };
  const startedAtMs = Date.now();
  const connections = (): readonly BrokerConnection[] => server.connections;
  const view = { rules, vhosts, accounts, port, startedAtMs, connections, addVhost, deleteVhost };
  const management = await startManagement(resolved, view).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    faults.clear();
    await Promise.all([server.close(), management?.close()]);
    // Their alarms would keep all of it in memory until they ring.
    for (const vhost of vhosts.values()) vhost.destroy();
  };
  return {
    url,
    host,
    port,
    version: rules.versionText,
    description: `Warren embedded broker (as RabbitMQ ${rules.versionText}) on ${host}:${port}, ${purpose}`,
    get connections() {
      return server.connections.map(({ name, user, vhost, channels }) => {
        const counts = Array.from(channels, ({ consumerCount }) => consumerCount);
        const consumerCount = counts.reduce((sum, count) => sum + count, 0);
        return { name, user, vhost, channelCount: counts.length, consumerCount };
      });
    },
    urlOf: (vhost) => `${url}/${encodeURIComponent(vhost)}`,
    addVhost,
    deleteVhost,
    addUser: (name, account) => {
      const problems = accountProblems(name, account);
      if (problems.length > 0) throw new RangeError(`addUser: ${problems.join("; ")}`);
      accounts.add(name, account);
    },
    management: management && {
      url: urlOf({ scheme: "http", host: "127.0.0.1", port: management.port, users: resolved.users }),
      port: management.port,
    },
    faults,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Loaded only where it is asked for: an HTTP server takes longer than everything else. */
async function startManagement(
  { management }: Pick<Required<EmbeddedBrokerOptions>, "management">,
  view: Omit<BrokerView, "managementPort">,
): Promise<ManagementServer | undefined> {
  if (management === false) return undefined;
  const { ManagementServer } = await import("./management/management-server.ts");
  const port = management === true ? 0 : management.port;
  return ManagementServer.listen(port, (managementPort) => ({ ...view, managementPort }));
}

interface Address {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly users: Required<EmbeddedBrokerOptions>["users"];
}

function urlOf({ scheme, host, port, users }: Address): string {
  const [name = "", account] = Object.entries(users)[0] ?? [];
  const login = `${encodeURIComponent(name)}:${encodeURIComponent(account?.password ?? "")}`;
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : bracketed(host);
  return `${scheme}://${login}@${reachable}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
