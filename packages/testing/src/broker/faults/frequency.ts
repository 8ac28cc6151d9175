import { aNumberFrom, aProbability, type OptionChecks } from "./check-options.ts";
import { seededRandom } from "./seeded-random.ts";

/** How often a fault happens among those that it fits; without any of these, every time. */
export interface Frequency {
  /** Every so many: with 10 the tenth, the twentieth and so on. Together with `probability`, both have to agree. */
  readonly every?: number;
  /** So often, and then no more: the fault is removed. @default Infinity */
  readonly times?: number;
  /** From 0 to 1. */
  readonly probability?: number;
  /** For `probability`: the same seed strikes the same ones. @default 1 */
  readonly seed?: number;
}

export const frequencyChecks: OptionChecks<Frequency> = {
  every: aNumberFrom(1),
  times: aNumberFrom(1),
  probability: aProbability,
  seed: aNumberFrom(0),
};

/** Says of one after the other whether the fault happens to it. */
export function pulse({ every = 1, probability = 1, seed = 1 }: Frequency): () => boolean {
  const random = seededRandom(seed);
  let count = 0;
  return () => {
    count += 1;
    const isDrawn = probability === 1 || random() < probability;
    return isDrawn && count % every === 0;
  };
}
