import { performance } from "node:perf_hooks";

/** The quickest of five runs, in milliseconds, whether they throw or not: what the work costs, not what a busy machine adds. */
export function quickestMs(work: () => unknown): number {
  let quickest = Infinity;
  for (let run = 0; run < 5; run++) {
    const started = performance.now();
    try {
      work();
    } catch {
      // Refusing is the work.
    }
    quickest = Math.min(quickest, performance.now() - started);
  }
  return quickest;
}
