import { startEmbeddedBroker } from "../../src/broker/start-embedded-broker.ts";
import { NodeControl } from "../../src/rabbitmq/node-control.ts";
import type { ConformanceVersion, ProvidedTarget } from "./targets.ts";

/** An account, with its patterns in the virtual host of the test file; without them it may not enter that. */
export interface User {
  readonly name: string;
  readonly password: string;
  readonly permissions?: { readonly configure: string; readonly write: string; readonly read: string };
}

/** A broker with a virtual host of the test file's own, in which guest may do everything. */
export interface RunningBroker {
  readonly port: number;
  close(): Promise<void>;
}

/** Readies a broker for one test file. */
export async function startBroker(
  target: Exclude<ProvidedTarget, { state: "missing" }>,
  version: ConformanceVersion,
  vhost: string,
  users: readonly User[],
): Promise<RunningBroker> {
  if (target.state === "embedded") return startEmbedded(version, vhost, users);
  const control = await NodeControl.attach(target.access);
  await control.addVhost(vhost);
  await Promise.all(
    users.map(({ permissions, ...user }) =>
      control.addUser({ ...user, permissions: permissions === undefined ? {} : { [vhost]: permissions } }),
    ),
  );
  return {
    port: target.port,
    close: async () => {
      await control.deleteVhost(vhost);
    },
  };
}

async function startEmbedded(
  version: ConformanceVersion,
  vhost: string,
  users: readonly User[],
): Promise<RunningBroker> {
  const accounts = users.map(({ name, password, permissions }) => [
    name,
    permissions === undefined ? { password, vhosts: [] } : { password, permissions },
  ]);
  return startEmbeddedBroker({
    version,
    vhosts: [vhost],
    users: { guest: { password: "guest" }, ...Object.fromEntries(accounts) },
  });
}
