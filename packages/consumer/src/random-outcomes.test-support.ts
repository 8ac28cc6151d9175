import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Acknowledgement, ack, deadLetter, markPermanent, requeue, retry } from "@warren/message";

/** A number from 0 to 1, the same for the same words. */
export function lot(...words: readonly (string | number)[]): number {
  return createHash("md5").update(words.join(" ")).digest().readUInt32LE() / 2 ** 32;
}

/** What becomes of a message after a call of its handler. */
export type Fate = "acked" | "again" | "dead";

/** What a handler does, and what has to come of it. */
export interface Outcome {
  readonly fate: Fate;
  readonly acknowledgement?: Acknowledgement;
  /** Thrown, where it is there, whatever its value. */
  readonly thrown?: unknown;
}

const refuses = (): never => {
  throw new Error("do not look");
};
const unreadable = new Proxy({}, { get: refuses, has: refuses, getPrototypeOf: refuses });

/** What no compiler keeps a handler from throwing. */
const odd: readonly unknown[] = [
  undefined,
  null,
  "a text",
  7n,
  Object.freeze(new Error("frozen")),
  Object.assign(new Error("x"), { message: Object.create(null) as string }),
  unreadable,
];

/** @param failing what becomes of a failure: the last attempt fails for good. */
export function outcomeOf(kind: number, failing: "again" | "dead"): Outcome {
  if (kind < 0.3) return { fate: "acked" };
  if (kind < 0.6) return { fate: "acked", acknowledgement: ack() };
  if (kind < 0.7) return { fate: failing, acknowledgement: retry({ reason: "not now" }) };
  if (kind < 0.75) return { fate: "again", acknowledgement: requeue() };
  if (kind < 0.8) return { fate: "dead", acknowledgement: deadLetter("never") };
  if (kind < 0.85) return { fate: "dead", thrown: markPermanent(new Error("never")) };
  if (kind < 0.9) return { fate: failing, thrown: new Error("boom") };
  if (kind < 0.95) return { fate: failing, thrown: odd[Math.floor(((kind - 0.9) / 0.05) * odd.length)] };
  return { fate: failing, acknowledgement: new Proxy({}, { get: refuses }) as Acknowledgement };
}

/** Does what the outcome says, in half of the cases in a later turn. */
export function act(outcome: Outcome, late: boolean): Acknowledgement | undefined | Promise<never> {
  if (!("thrown" in outcome)) return late ? (later(outcome) as Promise<never>) : outcome.acknowledgement;
  if (late) return later(outcome) as Promise<never>;
  throw outcome.thrown;
}

async function later(outcome: Outcome): Promise<Acknowledgement | undefined> {
  await nextTurn();
  if ("thrown" in outcome) throw outcome.thrown;
  return outcome.acknowledgement;
}

/** What happened to each message, by its id. */
export class Fates {
  readonly #fates = new Map<string, Fate[]>();
  readonly #buried = new Map<string, number>();
  readonly #open: Set<string>;
  readonly #overtakers: string[] = [];
  #closed: () => void = () => undefined;

  constructor(ids: readonly string[]) {
    this.#open = new Set(ids);
  }

  /** Its handler is called, which should not be before the other message came to an end. */
  begins(id: string, predecessor: string): void {
    const ended = this.#fates.get(predecessor)?.some((fate) => fate !== "again");
    if (this.#fates.get(id) === undefined && ended !== true) this.#overtakers.push(id);
  }

  /** How often its handler was called. */
  callsOf(id: string): number {
    return this.#fates.get(id)?.length ?? 0;
  }

  decided(id: string, fate: Fate): void {
    const fates = this.#fates.get(id);
    if (fates === undefined) this.#fates.set(id, [fate]);
    else fates.push(fate);
    if (fate === "acked") this.#end(id);
  }

  buried(id: string): void {
    this.#buried.set(id, (this.#buried.get(id) ?? 0) + 1);
    this.#end(id);
  }

  /** Resolves when each was acknowledged or is a dead letter; in any case after `timeoutMs`, with those that are neither. */
  async lost(timeoutMs: number): Promise<readonly string[]> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      timer = setTimeout(resolve, timeoutMs);
      if (this.#open.size === 0) resolve();
    });
    clearTimeout(timer);
    return [...this.#open];
  }

  /** Dead letters for which no handler has decided that. */
  get strangers(): readonly string[] {
    return [...this.#buried.keys()].filter((id) => this.#fates.get(id)?.includes("dead") !== true);
  }

  /** What was handled before its predecessor. */
  get overtakers(): readonly string[] {
    return this.#overtakers;
  }

  /** Those that went on after their end, or ended in another way than was decided. */
  get inexact(): readonly string[] {
    return [...this.#fates].flatMap(([id, fates]) => {
      const ends = fates.slice(0, -1).every((fate) => fate === "again") ? [fates.at(-1)] : [];
      const buried = this.#buried.get(id) ?? 0;
      return ends[0] === "acked" && buried === 0 ? [] : ends[0] === "dead" && buried === 1 ? [] : [id];
    });
  }

  /** Ends beyond the first of each. */
  get duplicates(): number {
    return [...this.#fates.values()].reduce(
      (sum, fates) => sum + Math.max(0, fates.filter((fate) => fate !== "again").length - 1),
      0,
    );
  }

  #end(id: string): void {
    this.#open.delete(id);
    if (this.#open.size === 0) this.#closed();
  }
}
