import type { Alarm, Clock } from "./clock.ts";

interface Waiting extends Alarm {
  readonly atMs: number;
  readonly task: () => void;
}

/** A clock that stands still until it is told otherwise, so that hours of expiry pass within a test's turn. */
export class ManualClock implements Clock {
  #nowMs: number;
  /** In the order of their times; those of one time in the order in which they came. */
  readonly #waiting: Waiting[] = [];

  /** @param startMs milliseconds since the epoch */
  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): Alarm {
    const alarm: Waiting = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      task,
      cancel: () => {
        const index = this.#waiting.indexOf(alarm);
        if (index >= 0) this.#waiting.splice(index, 1);
      },
    };
    const after = this.#waiting.findIndex((other) => other.atMs > alarm.atMs);
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, alarm);
    return alarm;
  }

  /**
   * Lets time pass and runs what falls due, each task at its own time. A task that keeps scheduling itself without a delay
   * never lets this end.
   *
   * @throws RangeError for anything but a number from 0 on
   */
  advance(byMs: number): void {
    if (!(byMs >= 0 && byMs < Infinity)) throw new RangeError(`a clock cannot advance by ${byMs} ms`);
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#waiting.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
    }
    this.#nowMs = untilMs;
  }

  /** How many tasks wait for their time. */
  get waitingCount(): number {
    return this.#waiting.length;
  }
}
