import type { IncomingDelivery } from "./incoming-delivery.ts";

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

/** First come, first served. */
export class PlainLine implements Line {
  #waiting: IncomingDelivery[] = [];
  #head = 0;

  take(delivery: IncomingDelivery): void {
    this.#waiting.push(delivery);
  }

  next(): IncomingDelivery | undefined {
    if (this.#head === this.#waiting.length) {
      if (this.#head > 0) this.drain();
      return undefined;
    }
    return this.#waiting[this.#head++];
  }

  done(): void {
    // Nothing waits for another here.
  }

  drain(): readonly IncomingDelivery[] {
    const left = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    return left;
  }
}
