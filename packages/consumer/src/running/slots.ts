/**
 * Places for work that goes on at the same time. The limit can be changed at any time, and none is free while they are
 * held; what has begun goes on.
 */
export class Slots {
  #limit: number;
  #used = 0;
  #takenCount = 0;
  #held = false;
  #freed: readonly (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#tell();
  }

  get used(): number {
    return this.#used;
  }

  /** How often one was taken: as long as that stays the same, nothing has begun. */
  get takenCount(): number {
    return this.#takenCount;
  }

  get free(): boolean {
    return this.#used < this.#limit && !this.#held;
  }

  get held(): boolean {
    return this.#held;
  }

  hold(): void {
    this.#held = true;
  }

  resume(): void {
    this.#held = false;
    this.#tell();
  }

  take(): void {
    this.#used++;
    this.#takenCount++;
  }

  release(): void {
    this.#used--;
    this.#tell();
  }

  /** Called whenever there may be a free place, until what this returns is called. */
  onFree(listener: () => void): () => void {
    this.#freed = [...this.#freed, listener];
    return () => (this.#freed = this.#freed.filter((each) => each !== listener));
  }

  #tell(): void {
    for (const listener of this.#freed) listener();
  }
}
