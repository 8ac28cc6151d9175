import { type Connection, deleteTopology } from "@warren/connection";
import { BrokerError } from "@warren/message";
import { topology } from "./city.ts";

/**
 * Makes sure that the run has its names for itself: what a killed run left behind is deleted, and a run that is still
 * at work on this broker is not disturbed.
 */
export async function claimNames(connection: Connection): Promise<void> {
  for (const { name } of Object.values(topology.queues)) {
    if ((await consumersOf(connection, name)) > 0) {
      throw new Error(
        `another run is at work on this broker: "${name}" has consumers. Try again when it is done`,
      );
    }
  }
  await deleteTopology(connection, topology);
}

async function consumersOf(connection: Connection, queue: string): Promise<number> {
  try {
    return (await connection.channels.withChannel((channel) => channel.checkQueue(queue))).consumerCount;
  } catch (error) {
    if (error instanceof BrokerError && error.code === "BROKER_NOT_FOUND") return 0;
    throw error;
  }
}
