import type { Alarm, Clock } from "../../clock.ts";

/** `x-expires`: how long a queue may be unused before it is removed. */
export class Lease {
  readonly #clock: Clock;
  readonly #lengthMs: number | undefined;
  #alarm: Alarm | undefined;
  #endsAtMs = 0;

  /** @param lengthMs undefined for a queue that never expires */
  constructor(clock: Clock, lengthMs: number | undefined) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  /** Begins anew. A wait that is under way goes on and looks again at its end, so that renewing costs nothing. */
  renew(expire: () => void): void {
    if (this.#lengthMs === undefined) return;
    this.#endsAtMs = this.#clock.now() + this.#lengthMs;
    if (this.#alarm === undefined) this.#wait(expire);
  }

  /** Does not end while the queue is in use. */
  hold(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #wait(expire: () => void): void {
    this.#alarm = this.#clock.schedule(this.#endsAtMs - this.#clock.now(), () => {
      this.#alarm = undefined;
      if (this.#clock.now() >= this.#endsAtMs) expire();
      else this.#wait(expire);
    });
  }
}
