import { ConfigError } from "@warren/message";
import { anInteger } from "@warren/message/authoring";
import { claimPort } from "../ports.ts";
import { chooseInstallation } from "./choose-installation.ts";
import { RabbitMqCluster } from "./rabbitmq-cluster.ts";
import type { RabbitMqNode } from "./rabbitmq-node.ts";
import { resolveRabbitMqOptions, type RabbitMqOptions } from "./rabbitmq-options.ts";
import { newCookie, prepareNode, startEpmd } from "./start-rabbitmq.ts";

export interface RabbitMqClusterOptions extends RabbitMqOptions {
  /** How many nodes. @default 3 */
  readonly nodes?: number;
}

/**
 * Starts a RabbitMQ cluster of one's own on this machine. Takes 15 to 30 seconds.
 *
 * ```ts
 * await using cluster = await startRabbitMqCluster({ nodes: 3 });
 * const [first] = cluster.nodes;
 * await cluster.partition(first);
 * await cluster.rejoin();
 * ```
 *
 * @throws LaunchError when RabbitMQ is not installed or does not start.
 * @throws ConfigError INVALID_OPTION
 */
export async function startRabbitMqCluster(options: RabbitMqClusterOptions = {}): Promise<RabbitMqCluster> {
  const { nodes: count = 3, ...nodeOptions } = options;
  if (anInteger(2, 9)(count) !== undefined) {
    throw new ConfigError(
      "INVALID_OPTION",
      `startRabbitMqCluster: nodes must be a whole number from 2 to 9, not ${count}`,
    );
  }
  const resolved = resolveRabbitMqOptions("startRabbitMqCluster", nodeOptions);
  const epmdPort = await claimPort();
  const epmd = startEpmd(await chooseInstallation(resolved.version), epmdPort.port);
  const names = Array.from({ length: count }, (_, index) => `warren-${index + 1}@localhost`);
  const rabbitSettings = [
    "{cluster_partition_handling, pause_minority}",
    `{cluster_nodes, {[${names.map((name) => `'${name}'`).join(", ")}], disc}}`,
  ];
  const cookie = newCookie();
  const prepared: RabbitMqNode[] = [];
  const cluster = new RabbitMqCluster(prepared, async () => {
    await epmd.kill();
    epmdPort.release();
  });
  try {
    for (const name of names) {
      prepared.push(await prepareNode(resolved, { epmdPort: epmdPort.port, cookie, rabbitSettings, name }));
    }
    await Promise.all(prepared.map((node) => node.start()));
    await cluster.waitUntilWhole();
    for (const user of resolved.users) await prepared[0]!.addUser(user);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}
