/** Enters each index once; a second time, or one out of range, is an error. */
export class Roll {
  count = 0;
  readonly #seen: Uint8Array;

  constructor(size: number) {
    this.#seen = new Uint8Array(size);
  }

  enter(index: number): void {
    if (this.#seen[index] !== 0) throw new Error(`message ${index} came twice, or was never sent`);
    this.#seen[index] = 1;
    this.count += 1;
  }
}
