import type { IncomingDelivery } from "../settling/incoming-delivery.ts";

/** The deliveries that wait to be started. */
export interface Line {
  take(delivery: IncomingDelivery): void;
  /** The one to start now. */
  next(): IncomingDelivery | undefined;
  /** It is settled, or its channel is gone: what had to wait for it need not any more. */
  done(delivery: IncomingDelivery): void;
  /** Takes out everything that is not at work. */
  drain(): readonly IncomingDelivery[];
}

/** So many empty places at the front are worth moving the others up. */
const movingUpAt = 1_024;

/** First come, first served. */
export class PlainLine implements Line {
  /** Empty before the head: under load a line may never be empty, and must not keep what has left it. */
  #waiting: (IncomingDelivery | undefined)[] = [];
  #head = 0;

  take(delivery: IncomingDelivery): void {
    this.#waiting.push(delivery);
  }

  next(): IncomingDelivery | undefined {
    if (this.#head === this.#waiting.length) return undefined;
    const delivery = this.#waiting[this.#head];
    this.#waiting[this.#head++] = undefined;
    if (this.#head === this.#waiting.length || this.#head === movingUpAt) this.#moveUp();
    return delivery;
  }

  done(): void {
    // Nothing waits for another here.
  }

  drain(): readonly IncomingDelivery[] {
    const left = this.#waiting.splice(this.#head) as IncomingDelivery[];
    this.#moveUp();
    return left;
  }

  #moveUp(): void {
    if (this.#head === this.#waiting.length) this.#waiting.length = 0;
    else this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }
}
