import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import type { Line } from "./line.ts";

/**
 * What comes under one key. The first is ready, at work or waiting for its next attempt; the others wait for it.
 * A lane exists as long as it has a first, also when the first's channel is gone and its handler has not returned yet:
 * its message comes again, and must not be handled beside itself.
 */
type Lane = IncomingDelivery[];

/** Keeps the deliveries of a key in their order, and lets keys overtake each other. */
export class KeyedLine implements Line {
  readonly #keyOf: (delivery: IncomingDelivery) => string | undefined;
  readonly #lanes = new Map<string, Lane>();
  readonly #laneOf = new Map<IncomingDelivery, string>();
  readonly #postponed = new Map<IncomingDelivery, NodeJS.Timeout>();
  readonly #atWork = new Set<IncomingDelivery>();
  #ready: IncomingDelivery[] = [];
  #quieted: (() => void)[] = [];

  /** @param keyOf must not throw; nothing means that order does not matter. */
  constructor(keyOf: (delivery: IncomingDelivery) => string | undefined) {
    this.#keyOf = keyOf;
  }

  take(delivery: IncomingDelivery): void {
    const key = this.#keyOf(delivery);
    if (key === undefined) return void this.#ready.push(delivery);
    this.#laneOf.set(delivery, key);
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.#lanes.set(key, [delivery]);
      this.#ready.push(delivery);
    } else {
      lane.push(delivery);
    }
  }

  next(): IncomingDelivery | undefined {
    const delivery = this.#ready.shift();
    if (delivery !== undefined) this.#atWork.add(delivery);
    return delivery;
  }

  done(delivery: IncomingDelivery): void {
    this.#atWork.delete(delivery);
    this.#tell();
    clearTimeout(this.#postponed.get(delivery));
    this.#postponed.delete(delivery);
    const key = this.#laneOf.get(delivery);
    if (key === undefined) return;
    this.#laneOf.delete(delivery);
    const lane = this.#lanes.get(key)!;
    const place = lane.indexOf(delivery);
    lane.splice(place, 1);
    const next = lane[0];
    if (next === undefined) this.#lanes.delete(key);
    else if (place === 0) this.#ready.push(next);
  }

  /** Keeps its place at the head of its lane, and is ready again after the delay. */
  postpone(delivery: IncomingDelivery, delayMs: number, ready: () => void): void {
    this.#atWork.delete(delivery);
    this.#tell();
    const timer = setTimeout(() => {
      this.#postponed.delete(delivery);
      this.#ready.push(delivery);
      ready();
    }, delayMs);
    this.#postponed.set(delivery, timer);
  }

  drain(): readonly IncomingDelivery[] {
    const left = [...this.#ready.filter((each) => !this.#laneOf.has(each)), ...this.#laneOf.keys()].filter(
      (each) => !this.#atWork.has(each),
    );
    this.#ready = [];
    // Backwards, so that nothing becomes ready because what stood before it went.
    for (const delivery of left.toReversed()) this.done(delivery);
    this.#tell();
    return left;
  }

  /** Resolves when nothing is at work whose channel is still there. */
  async quiet(): Promise<void> {
    if (!this.#isQuiet()) await new Promise<void>((resolve) => this.#quieted.push(resolve));
  }

  #isQuiet(): boolean {
    return [...this.#atWork].every(({ state }) => state !== "held");
  }

  #tell(): void {
    if (this.#quieted.length > 0 && this.#isQuiet()) for (const resolve of this.#quieted.splice(0)) resolve();
  }
}
