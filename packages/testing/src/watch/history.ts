import type { Sighting } from "./sighting.ts";

/** All that was seen, in its order, and who waits for more. */
export class History {
  #sightings: Sighting[] = [];
  readonly #waiting = new Set<() => void>();

  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  add(sighting: Sighting): void {
    this.#sightings.push(sighting);
  }

  forget(): void {
    this.#sightings = [];
    this.changed();
  }

  /** Wakes who waits: some frames were read, whether they made a sighting or not. */
  changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Fulfilled when something happens, and at the end of the time limit. */
  async change(deadline: AbortSignal): Promise<void> {
    if (deadline.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        deadline.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      deadline.addEventListener("abort", done);
    });
  }
}
