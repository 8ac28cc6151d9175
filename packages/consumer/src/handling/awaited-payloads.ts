import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import type { Slots } from "../running/slots.ts";

export interface AwaitedPayloadsPorts {
  /** It has its payload. */
  readonly ready: (delivery: IncomingDelivery) => void;
  readonly refused: (delivery: IncomingDelivery, thrown: unknown) => void;
}

/**
 * Deliveries whose payload takes its time, since the body is compressed or the schema is asynchronous. Each has a place
 * of its own meanwhile. What comes for one that was drained is ignored.
 */
export class AwaitedPayloads {
  readonly #slots: Slots;
  readonly #ports: AwaitedPayloadsPorts;
  readonly #awaited = new Set<IncomingDelivery>();

  constructor(slots: Slots, ports: AwaitedPayloadsPorts) {
    this.#slots = slots;
    this.#ports = ports;
  }

  async add(delivery: IncomingDelivery, payload: Promise<unknown>): Promise<void> {
    this.#awaited.add(delivery);
    this.#slots.take();
    try {
      delivery.payload = await payload;
    } catch (thrown) {
      if (this.#leave(delivery)) this.#ports.refused(delivery, thrown);
      return;
    }
    if (this.#leave(delivery)) this.#ports.ready(delivery);
  }

  /** Takes them all out, in the order in which they came. */
  drain(): readonly IncomingDelivery[] {
    const left = [...this.#awaited];
    for (const delivery of left) this.#leave(delivery);
    return left;
  }

  #leave(delivery: IncomingDelivery): boolean {
    if (!this.#awaited.delete(delivery)) return false;
    this.#slots.release();
    return true;
  }
}
