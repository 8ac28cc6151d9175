import type { Clock } from "../clock.ts";
import type { ConfirmFate } from "./interference.ts";

export interface PublisherConfirmsOptions {
  readonly clock: Clock;
  readonly send: (name: "basic.ack" | "basic.nack", deliveryTag: number, multiple: boolean) => void;
  /** There is something to send before this turn's bytes leave: {@link PublisherConfirms.flush} has to be called. */
  readonly onPending: () => void;
}

/** Numbers the publishes of a channel in confirm mode and answers them, those of one turn together. */
export class PublisherConfirms {
  readonly #options: PublisherConfirmsOptions;
  #lastSequence = 0;
  /** Acks as positive numbers, nacks as negative ones. */
  #pending: number[] = [];
  /** Something late is among them. */
  #outOfOrder = false;
  /** Whose confirms are late or never go out: an answer to several must not cover them. */
  readonly #withheld = new Set<number>();

  constructor(options: PublisherConfirmsOptions) {
    this.#options = options;
  }

  /** The publish at hand is stored, or refused. */
  settleNext(accepted: boolean, fate: ConfirmFate): void {
    const sequence = (this.#lastSequence += 1);
    if (fate === "send") this.#settle(sequence, accepted);
    else if (fate === "nack") this.#settle(sequence, false);
    else {
      this.#withheld.add(sequence);
      if (fate !== "drop")
        this.#options.clock.schedule(fate.delayMs, () => {
          if (!this.#withheld.delete(sequence)) return;
          this.#outOfOrder = true;
          this.#settle(sequence, accepted);
        });
    }
  }

  flush(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    if (this.#outOfOrder) pending.sort((a, b) => Math.abs(a) - Math.abs(b));
    this.#outOfOrder = false;
    let lowestWithheld = Infinity;
    for (const sequence of this.#withheld) lowestWithheld = Math.min(lowestWithheld, sequence);
    for (let start = 0; start < pending.length;) {
      const end = endOfRun(pending, start, lowestWithheld);
      const last = pending[end - 1]!;
      this.#options.send(last > 0 ? "basic.ack" : "basic.nack", Math.abs(last), end - start > 1);
      start = end;
    }
  }

  /** The channel is gone, and nothing is confirmed any more. */
  discard(): void {
    this.#pending = [];
    this.#withheld.clear();
  }

  #settle(sequence: number, accepted: boolean): void {
    this.#pending.push(accepted ? sequence : -sequence);
    if (this.#pending.length === 1) this.#options.onPending();
  }
}

/** One answer does for those of one kind that follow one another, below the first that is withheld. */
function endOfRun(pending: readonly number[], start: number, lowestWithheld: number): number {
  const positive = pending[start]! > 0;
  let end = start + 1;
  while (end < pending.length && pending[end]! > 0 === positive && Math.abs(pending[end]!) < lowestWithheld)
    end += 1;
  return end;
}
