import type { Message } from "../model/message.ts";
import type { Settlement } from "../model/queue/queue.ts";
import type { UnackedDeliveries, UnackedDelivery } from "./unacked-deliveries.ts";

export interface PendingPublish {
  readonly message: Message;
  readonly mandatory: boolean;
}

export interface PendingSettlement {
  readonly deliveries: readonly UnackedDelivery[];
  readonly how: Settlement;
}

/** What a channel in transaction mode has been told since the last commit. */
export class Transaction {
  #publishes: PendingPublish[] = [];
  #settlements: PendingSettlement[] = [];

  publish(publish: PendingPublish): void {
    this.#publishes.push(publish);
  }

  settle(settlement: PendingSettlement): void {
    this.#settlements.push(settlement);
  }

  /** Hands over all of it, and begins anew. */
  take(): {
    readonly publishes: readonly PendingPublish[];
    readonly settlements: readonly PendingSettlement[];
  } {
    const taken = { publishes: this.#publishes, settlements: this.#settlements };
    this.#publishes = [];
    this.#settlements = [];
    return taken;
  }

  /** Forgets all of it: what was settled is unacked again. */
  rollBack(unacked: UnackedDeliveries): void {
    unacked.putBack(this.take().settlements.flatMap(({ deliveries }) => deliveries));
  }
}
