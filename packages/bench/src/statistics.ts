/** The middle value, or the mean of the two middle ones; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The smallest value that at least `share` (0 to 1) of all values do not exceed; NaN for none. */
export function percentile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export interface PairedRatio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Divides round by round, then takes the middle. What slowed a whole round (another process, a warm disk) slowed both
 * sides of its pair, so it drops out; dividing two medians would keep it.
 */
export function pairedRatio(values: readonly number[], reference: readonly number[]): PairedRatio {
  if (values.length !== reference.length) throw new RangeError("a pair is missing its other half");
  const ratios = values.map((value, round) => value / (reference[round] ?? Number.NaN));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}
