import type { Topology } from "./topology.ts";

/** The part of a channel that deleting needs. RabbitMQ answers "deleted" for what is not there. */
export interface DeletingChannel {
  deleteQueue(queue: string): Promise<unknown>;
  deleteExchange(exchange: string): Promise<unknown>;
}

/**
 * Deletes every queue and exchange that the topology declares, wait queues and dead-letter queues included, with all
 * that is in them. Queues go first, so that nothing is routed to a queue that is half gone.
 */
export async function deleteTopology(channel: DeletingChannel, topology: Topology): Promise<void> {
  for (const { name } of topology.declarations.queues.toReversed()) await channel.deleteQueue(name);
  for (const { name } of topology.declarations.exchanges.toReversed()) await channel.deleteExchange(name);
}
