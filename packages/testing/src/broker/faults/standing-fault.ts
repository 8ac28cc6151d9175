import type { Fault } from "./fault.ts";

export interface StandingFaultOptions {
  readonly name: string;
  /** It is removed by itself after so many strikes. */
  readonly times?: number | undefined;
  /** Called once. */
  readonly onRemoved: () => void;
}

interface Waiter {
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A fault that counts its strikes, and tells whoever waits for them. */
export class StandingFault implements Fault {
  readonly name: string;
  readonly #times: number;
  readonly #onRemoved: () => void;
  #struckCount = 0;
  #removed = false;
  #waiters: Waiter[] = [];

  constructor({ name, times, onRemoved }: StandingFaultOptions) {
    this.name = name;
    this.#times = times ?? Infinity;
    this.#onRemoved = onRemoved;
  }

  get struckCount(): number {
    return this.#struckCount;
  }

  strike(): void {
    this.#struckCount += 1;
    const due = this.#waiters.filter(({ count }) => count <= this.#struckCount);
    this.#waiters = this.#waiters.filter(({ count }) => count > this.#struckCount);
    for (const { resolve } of due) resolve();
    if (this.#struckCount === this.#times) this.remove();
  }

  async struckTimes(count: number): Promise<void> {
    if (count <= this.#struckCount) return;
    if (this.#removed || count > this.#times) throw this.#neverSoOften(count);
    await new Promise<void>((resolve, reject) => this.#waiters.push({ count, resolve, reject }));
  }

  remove(): void {
    if (this.#removed) return;
    this.#removed = true;
    this.#onRemoved();
    for (const { count, reject } of this.#waiters.splice(0)) reject(this.#neverSoOften(count));
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  #neverSoOften(count: number): Error {
    const limit = this.#removed ? `removed after ${this.#struckCount}` : `limited to ${this.#times}`;
    return new Error(`faults.${this.name} was ${limit}, and ${count} were waited for`);
  }
}
