/**
 * One timer for all deadlines, set to the earliest. Publishes come and go by the thousand within one timeout, so
 * nothing is done when one settles: the sweep finds out what is really due, and when the next one may be.
 */
export class Deadlines {
  readonly #sweep: (nowMs: number) => number;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;

  /** @param sweep ends what is due and returns when the earliest of the rest will be. */
  constructor(sweep: (nowMs: number) => number) {
    this.#sweep = sweep;
  }

  /** Something is due at that time, by the clock of `performance.now()`. */
  watch(dueAt: number): void {
    if (dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), Math.max(0, Math.ceil(dueAt - performance.now())));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
  }

  #run(): void {
    this.#dueAt = Infinity;
    this.watch(this.#sweep(performance.now()));
  }
}
