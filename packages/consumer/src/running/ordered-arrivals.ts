import { DeliveryError } from "@warren/message";
import { shownValue } from "@warren/message/authoring";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { PlainLine } from "./line.ts";
import type { Preparation } from "../handling/preparation.ts";

export interface OrderedArrivalsPorts {
  /** It has its payload and its key. */
  readonly ready: (delivery: IncomingDelivery) => void;
  readonly refused: (delivery: IncomingDelivery, thrown: unknown) => void;
}

/**
 * Prepares what arrives where order matters, one after another: a payload may take its time, and those that came later
 * must not overtake it. What comes for one that was drained is ignored.
 */
export class OrderedArrivals {
  readonly #preparation: Preparation;
  readonly #ports: OrderedArrivalsPorts;
  readonly #waiting = new PlainLine();
  /** Whose payload takes its time; the others wait for it. */
  #awaited: IncomingDelivery | undefined;
  #awaitedCount = 0;
  #due = false;

  constructor(preparation: Preparation, ports: OrderedArrivalsPorts) {
    this.#preparation = preparation;
    this.#ports = ports;
  }

  /** Whether a payload is awaited, so that nothing that came later is prepared. */
  get awaiting(): boolean {
    return this.#awaited !== undefined;
  }

  /** How many payloads were awaited so far. */
  get awaitedCount(): number {
    return this.#awaitedCount;
  }

  take(delivery: IncomingDelivery): void {
    this.#waiting.take(delivery);
    if (this.#due || this.#awaited !== undefined) return;
    this.#due = true;
    queueMicrotask(this.#prepareAll);
  }

  /** Takes them all out, in the order in which they came. */
  drain(): readonly IncomingDelivery[] {
    const waiting = this.#waiting.drain();
    if (this.#awaited === undefined) return waiting;
    const left = [this.#awaited, ...waiting];
    this.#awaited = undefined;
    return left;
  }

  readonly #prepareAll = (): void => {
    this.#due = false;
    while (this.#awaited === undefined) {
      const delivery = this.#waiting.next();
      if (delivery === undefined) return;
      this.#prepare(delivery);
    }
  };

  #prepare(delivery: IncomingDelivery): void {
    let payload: unknown;
    try {
      payload = this.#preparation.payloadOf(delivery);
    } catch (thrown) {
      return this.#ports.refused(delivery, thrown);
    }
    if (payload instanceof Promise) {
      this.#awaited = delivery;
      this.#awaitedCount++;
      void this.#await(delivery, payload);
    } else {
      this.#place(delivery, payload);
    }
  }

  async #await(delivery: IncomingDelivery, payload: Promise<unknown>): Promise<void> {
    try {
      const value = await payload;
      if (this.#awaited === delivery) this.#place(delivery, value);
    } catch (thrown) {
      if (this.#awaited === delivery) this.#ports.refused(delivery, thrown);
    }
    if (this.#awaited !== delivery) return;
    this.#awaited = undefined;
    this.#prepareAll();
  }

  #place(delivery: IncomingDelivery, payload: unknown): void {
    delivery.payload = payload;
    const { orderBy } = delivery.handler!;
    if (orderBy !== undefined) {
      try {
        delivery.key = checkedKey(orderBy(payload as never, delivery));
      } catch (thrown) {
        return this.#ports.refused(delivery, thrown);
      }
      delivery.extraAttempts = delivery.deliveryCount ?? 0;
    }
    this.#ports.ready(delivery);
  }
}

/** Whatever else it is, no two would be the same, and there would be no order. */
function checkedKey(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "bigint") return String(key);
  throw new DeliveryError(
    "HANDLER_FAILED",
    `orderBy must give a text, not ${key instanceof Promise ? "a promise: it cannot be async" : shownValue(key)}`,
  );
}
