const SMALLEST_CAPACITY = 16;

/** A line of things with both ends open at constant cost. Its memory shrinks with it. */
export class Ring<T> {
  #slots: (T | undefined)[] = Array.from<T | undefined>({ length: SMALLEST_CAPACITY });
  #mask = SMALLEST_CAPACITY - 1;
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  first(): T | undefined {
    return this.#slots[this.#start];
  }

  last(): T | undefined {
    return this.#length === 0 ? undefined : this.at(this.#length - 1);
  }

  /** @param index from 0 at the first to `length - 1` */
  at(index: number): T | undefined {
    return this.#slots[(this.#start + index) & this.#mask];
  }

  push(item: T): void {
    if (this.#length > this.#mask) this.#resize(this.#length * 2);
    this.#slots[(this.#start + this.#length) & this.#mask] = item;
    this.#length++;
  }

  unshift(item: T): void {
    if (this.#length > this.#mask) this.#resize(this.#length * 2);
    this.#start = (this.#start - 1) & this.#mask;
    this.#slots[this.#start] = item;
    this.#length++;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#start];
    this.#slots[this.#start] = undefined;
    this.#start = (this.#start + 1) & this.#mask;
    this.#length--;
    if (this.#mask >= 4 * SMALLEST_CAPACITY && this.#length < this.#mask >> 2)
      this.#resize((this.#mask + 1) >> 1);
    return item;
  }

  pop(): T | undefined {
    if (this.#length === 0) return undefined;
    this.#length--;
    const slot = (this.#start + this.#length) & this.#mask;
    const item = this.#slots[slot];
    this.#slots[slot] = undefined;
    return item;
  }

  /** Makes room before the item at `index` by moving the fewer of those on either side. */
  insert(index: number, item: T): void {
    if (index < this.#length >> 1) {
      this.unshift(item);
      for (let i = 0; i < index; i++) this.#set(i, this.at(i + 1) as T);
    } else {
      this.push(item);
      for (let i = this.#length - 1; i > index; i--) this.#set(i, this.at(i - 1) as T);
    }
    this.#set(index, item);
  }

  /** Searches from the first on, and closes the gap from the nearer end. */
  remove(item: T): boolean {
    let index = 0;
    while (index < this.#length && this.at(index) !== item) index++;
    if (index === this.#length) return false;
    if (index < this.#length >> 1) {
      for (let i = index; i > 0; i--) this.#set(i, this.at(i - 1) as T);
      this.shift();
    } else {
      for (let i = index; i < this.#length - 1; i++) this.#set(i, this.at(i + 1) as T);
      this.pop();
    }
    return true;
  }

  clear(): void {
    this.#slots = Array.from<T | undefined>({ length: SMALLEST_CAPACITY });
    this.#mask = SMALLEST_CAPACITY - 1;
    this.#start = 0;
    this.#length = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.#length; i++) yield this.at(i) as T;
  }

  #set(index: number, item: T): void {
    this.#slots[(this.#start + index) & this.#mask] = item;
  }

  #resize(capacity: number): void {
    const slots = Array.from<T | undefined>({ length: capacity });
    for (let i = 0; i < this.#length; i++) slots[i] = this.at(i);
    this.#slots = slots;
    this.#mask = capacity - 1;
    this.#start = 0;
  }
}
