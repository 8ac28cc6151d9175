/**
 * The prefetch of a whole channel (`basic.qos` with global set). It counts what consumers hold and have to ack, not what
 * was fetched with `basic.get`, except that what is held when it is set counts from then on, fetched or not.
 */
export class ChannelPrefetch {
  #limitCount = 0;
  #heldCount = 0;

  get hasRoom(): boolean {
    return this.#limitCount === 0 || this.#heldCount < this.#limitCount;
  }

  get limitCount(): number {
    return this.#limitCount;
  }

  get limited(): boolean {
    return this.#limitCount > 0;
  }

  /** 0 for no limit. */
  limit(count: number, unackedCount: number): void {
    if (count === 0) this.#heldCount = 0;
    else if (this.#limitCount === 0) this.#heldCount = unackedCount;
    this.#limitCount = count;
  }

  delivered(): void {
    if (this.#limitCount > 0) this.#heldCount += 1;
  }

  settled(): void {
    if (this.#heldCount > 0) this.#heldCount -= 1;
  }
}
