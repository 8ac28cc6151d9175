import type { ConnectionControl, Interference } from "../wire/interference.ts";
import { DeliveryFaults } from "./delivery-faults.ts";
import type { Faults } from "./faults.ts";
import { Freezes } from "./freezes.ts";
import { PublishFaults } from "./publish-faults.ts";
import { PublisherBlocks } from "./publisher-blocks.ts";
import { SocketFaults } from "./socket-faults.ts";
import { SuddenEnds } from "./sudden-ends.ts";

export interface FaultsPlace {
  readonly interference: Interference;
  readonly openConnections: () => Iterable<ConnectionControl>;
  /** Those in their handshake included. */
  readonly everyConnection: () => Iterable<ConnectionControl>;
}

export function createFaults({ interference, openConnections, everyConnection }: FaultsPlace): Faults {
  const publishes = new PublishFaults(interference);
  const deliveries = new DeliveryFaults(interference);
  const sockets = new SocketFaults(interference);
  const blocks = new PublisherBlocks(interference, openConnections);
  const freezes = new Freezes(interference, everyConnection);
  const ends = new SuddenEnds(openConnections);
  return {
    dropConfirms: publishes.dropConfirms,
    nackConfirms: publishes.nackConfirms,
    delayConfirms: publishes.delayConfirms,
    refusePublishes: publishes.refusePublishes,
    unroutePublishes: publishes.unroutePublishes,
    losePublishes: publishes.losePublishes,
    duplicateDeliveries: deliveries.duplicateDeliveries,
    splitFrames: sockets.splitFrames,
    blockPublishers: blocks.blockPublishers,
    freeze: freezes.freeze,
    refuseLogins: sockets.refuseLogins,
    refuseConnections: sockets.refuseConnections,
    closeChannels: ends.closeChannels,
    closeConnections: ends.closeConnections,
    cutConnections: ends.cutConnections,
    cancelConsumers: ends.cancelConsumers,
    timeOutConsumers: ends.timeOutConsumers,
    clear: () => {
      for (const each of [publishes, deliveries, sockets, blocks, freezes]) each.clear();
    },
  };
}
