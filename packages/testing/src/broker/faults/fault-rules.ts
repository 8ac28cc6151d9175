import { type Frequency, pulse } from "./frequency.ts";
import type { Fault } from "./fault.ts";
import { StandingFault } from "./standing-fault.ts";

export interface FaultRule<Subject, Effect> {
  readonly name: string;
  readonly frequency: Frequency;
  readonly fits: (subject: Subject) => boolean;
  readonly effect: Effect;
}

interface Standing<Subject, Effect> {
  readonly fault: StandingFault;
  readonly fits: (subject: Subject) => boolean;
  readonly strikesNext: () => boolean;
  readonly effect: Effect;
}

/**
 * The faults of one kind of event. An event meets them in the order in which they were set; the first one that happens to it
 * keeps it from the others, which do not count it.
 */
export class FaultRules<Subject, Effect> {
  readonly #standing = new Set<Standing<Subject, Effect>>();
  readonly #onInUse: (inUse: boolean) => void;

  /** @param onInUse told when the first is set, and when the last is gone: nothing has to be asked in between */
  constructor(onInUse: (inUse: boolean) => void) {
    this.#onInUse = onInUse;
  }

  add({ name, frequency, fits, effect }: FaultRule<Subject, Effect>): Fault {
    const onRemoved = (): void => {
      this.#standing.delete(standing);
      if (this.#standing.size === 0) this.#onInUse(false);
    };
    const fault = new StandingFault({ name, times: frequency.times, onRemoved });
    const standing = { fault, fits, strikesNext: pulse(frequency), effect };
    this.#standing.add(standing);
    if (this.#standing.size === 1) this.#onInUse(true);
    return fault;
  }

  /** What happens to it; undefined for nothing. */
  effectOn(subject: Subject): Effect | undefined {
    for (const standing of this.#standing) {
      if (!this.#strikes(standing, subject)) continue;
      standing.fault.strike();
      return standing.effect;
    }
    return undefined;
  }

  clear(): void {
    for (const { fault } of this.#standing) fault.remove();
  }

  /** A condition that throws is its test's mistake: told there, and not to the client whose frame is at hand. */
  #strikes({ fault, fits, strikesNext }: Standing<Subject, Effect>, subject: Subject): boolean {
    try {
      return fits(subject) && strikesNext();
    } catch (error) {
      fault.remove();
      queueMicrotask(() => {
        throw error;
      });
      return false;
    }
  }
}
