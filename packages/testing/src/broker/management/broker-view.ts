import type { Queue } from "../model/queue/queue.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import type { VersionRules } from "../version.ts";
import type { Accounts } from "../wire/accounts.ts";
import type { BrokerConnection } from "../wire/broker-connection.ts";

/** The broker as the management API sees it, and what it may do with it. */
export interface BrokerView {
  readonly rules: VersionRules;
  readonly vhosts: ReadonlyMap<string, VirtualHost>;
  readonly accounts: Accounts;
  readonly port: number;
  readonly managementPort: number;
  readonly startedAtMs: number;
  connections(): readonly BrokerConnection[];
  addVhost(name: string): void;
  deleteVhost(name: string): void;
}

/** The only node of the broker, as RabbitMQ names nodes. */
export const node = "warren@embedded";

/** Whoever comes by HTTP owns no exclusive queue. */
export const apiOwner = { name: "management" };

export function queueIn(vhost: VirtualHost, name: string): Queue | undefined {
  for (const queue of vhost.queues) if (queue.declaration.name === name) return queue;
  return undefined;
}
