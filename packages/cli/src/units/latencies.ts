const bucketsPerDoubling = 32;

/**
 * Latencies in a fixed amount of memory, however many there are: buckets that grow by 2 % each, from a microsecond
 * upwards. A percentile is right to within that.
 */
export class Latencies {
  readonly #buckets: number[] = [];
  #count = 0;

  add(ms: number): void {
    const bucket = Math.max(0, Math.round(Math.log2(Math.max(ms, 0.001) * 1_000) * bucketsPerDoubling));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
  }

  /** The latency in milliseconds that `share` of the values (0 to 1) do not exceed; nothing when there are none. */
  percentileMs(share: number): number | undefined {
    let left = Math.ceil(share * this.#count);
    if (this.#count === 0) return undefined;
    const bucket = this.#buckets.findIndex((count) => (left -= count ?? 0) <= 0);
    return Number((2 ** (bucket / bucketsPerDoubling) / 1_000).toPrecision(3));
  }
}
