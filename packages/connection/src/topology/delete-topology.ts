import { assertTopology } from "./assert-topology.ts";
import type { Topology } from "./topology.ts";

/** The part of a channel that deleting needs. RabbitMQ answers "deleted" for what is not there. */
interface DeletingChannel {
  deleteQueue(queue: string): Promise<unknown>;
  deleteExchange(exchange: string): Promise<unknown>;
}

/** The part of a connection that deleting needs. */
export interface DeletingConnection {
  readonly channels: {
    withChannel<Result>(use: (channel: DeletingChannel) => Promise<Result>): Promise<Result>;
  };
}

/**
 * Deletes every queue and exchange that the topology declares, wait queues and dead-letter queues included, with all
 * that is in them. Queues go first, so that nothing is routed to a queue that is half gone.
 *
 * @throws BrokerError BROKER_ACCESS_REFUSED without configure permission; ConnectionError CHANNEL_LOST while there is no
 * connection, CONNECTION_CLOSED; ConfigError INVALID_OPTION. What was deleted before that stays deleted.
 */
export async function deleteTopology(connection: DeletingConnection, topology: Topology): Promise<void> {
  assertTopology("deleteTopology", topology);
  const { queues, exchanges } = topology.declarations;
  await connection.channels.withChannel(async (channel) => {
    for (const { name } of queues.toReversed()) await channel.deleteQueue(name);
    for (const { name } of exchanges.toReversed()) await channel.deleteExchange(name);
  });
}
