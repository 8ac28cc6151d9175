/** A pause that grows with every attempt, spread so that many clients do not return at the same moment. */
export interface Backoff {
  /** Ceiling of the first pause, in milliseconds. */
  readonly baseMs: number;
  /** Ceiling of every pause, in milliseconds. */
  readonly maxMs: number;
}

/**
 * Full jitter: anything between 0 and base × 2^(attempt − 1), capped. `attempt` counts from 1; attempt 0 does not wait.
 *
 * @param random gives a number from 0 to 1, as `Math.random` does.
 */
export function backoffMs(attempt: number, { baseMs, maxMs }: Backoff, random: () => number): number {
  if (attempt <= 0) return 0;
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 52));
  return Math.round(random() * ceiling);
}
