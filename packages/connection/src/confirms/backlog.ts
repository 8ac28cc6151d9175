import type { ExchangeGate } from "./exchange-gate.ts";
import { Fifo } from "./fifo.ts";
import type { Outgoing } from "./outgoing.ts";

/** So many that have settled while they waited may stay for their turn. */
const maxSettledCount = 64;

/** What is to be written, in its order: first what was written before to a channel that is gone, then the others. */
export class Backlog {
  readonly #gate: ExchangeGate;
  readonly #replays = new Fifo<Outgoing>();
  readonly #waiting = new Fifo<Outgoing>();

  constructor(gate: ExchangeGate) {
    this.#gate = gate;
  }

  /** How many are kept, settled ones included. */
  get heldCount(): number {
    return this.#replays.count + this.#waiting.count;
  }

  get hasReplays(): boolean {
    while (this.#replays.peek()?.isSettled === true) this.#replays.shift();
    return this.#replays.count > 0;
  }

  /** @param unsettledCount how many there are, elsewhere included: the settled ones among far more are dropped. */
  push(outgoing: Outgoing, unsettledCount: number): void {
    this.#waiting.push(outgoing);
    if (this.heldCount <= 2 * unsettledCount + maxSettledCount) return;
    for (const each of [this.#replays, this.#waiting]) each.keep((kept) => !kept.isSettled);
  }

  /** Puts back what was in flight, before everything else. */
  putBack(lost: readonly Outgoing[]): void {
    this.#replays.unshift(lost);
  }

  /** The next one that may be written. Nothing passes one whose exchange is being looked up: the order is kept. */
  next(): Outgoing | undefined {
    for (let next = this.#replays.shift(); next !== undefined; next = this.#replays.shift())
      if (!next.isSettled) return next;
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!next.isSettled && !this.#gate.admits(next.fields.exchange)) return undefined;
      this.#waiting.shift();
      if (!next.isSettled) return next;
    }
    return undefined;
  }

  /** Everything unsettled, in order. */
  *[Symbol.iterator](): Iterator<Outgoing> {
    for (const outgoing of this.#replays) if (!outgoing.isSettled) yield outgoing;
    for (const outgoing of this.#waiting) if (!outgoing.isSettled) yield outgoing;
  }

  /** What was never written and waits for that exchange. */
  waitingFor(exchange: string): readonly Outgoing[] {
    return [...this.#waiting].filter((each) => !each.isSettled && each.fields.exchange === exchange);
  }
}
