/**
 * Places for work that goes on at the same time. The limit can be changed at any time, and none is free while they are
 * held; what has begun goes on.
 */
export class Slots {
  #limit: number;
  #used = 0;
  #held = false;
  readonly #freed: (() => void)[] = [];

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
  }

  release(): void {
    this.#used--;
    this.#tell();
  }

  /** Called whenever there may be a free place. */
  onFree(listener: () => void): void {
    this.#freed.push(listener);
  }

  #tell(): void {
    for (const listener of this.#freed) listener();
  }
}
