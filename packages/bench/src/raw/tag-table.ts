type Settle = () => void;

/** Promises by delivery tag, in a ring: tags count up from 1 and at most `window` are open. */
export class TagTable {
  readonly #ring: (Settle | undefined)[];
  readonly #mask: number;
  #next = 1;
  #lowest = 1;

  constructor(window: number) {
    // Acks come out of order, so the open tags can span more than a window. Four of them, and `add` checks.
    const size = 2 ** Math.ceil(Math.log2(Math.max(window, 1) * 4));
    this.#ring = Array.from({ length: size }, () => undefined);
    this.#mask = size - 1;
  }

  add(): Promise<void> {
    const slot = this.#next & this.#mask;
    if (this.#ring[slot] !== undefined) throw new Error("more open tags than the ring holds");
    this.#next += 1;
    return new Promise<void>((resolve) => {
      this.#ring[slot] = resolve;
    });
  }

  settle(tag: number, multiple: boolean): void {
    if (multiple) {
      for (let each = this.#lowest; each <= tag; each += 1) this.#settleOne(each);
      this.#lowest = Math.max(this.#lowest, tag + 1);
    } else {
      this.#settleOne(tag);
      while (this.#lowest < this.#next && this.#ring[this.#lowest & this.#mask] === undefined)
        this.#lowest += 1;
    }
  }

  #settleOne(tag: number): void {
    const slot = tag & this.#mask;
    const settle = this.#ring[slot];
    this.#ring[slot] = undefined;
    settle?.();
  }
}
