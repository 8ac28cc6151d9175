import fc from "fast-check";
import type { Command } from "../sequence/command.ts";
import { sequences } from "../sequence/sequence-arbitrary.ts";
import { compare, type Comparison } from "./compare.ts";
import type { Target } from "./target.ts";

export interface ManyOptions {
  readonly reference: Target;
  readonly subject: Target;
  readonly count: number;
  readonly seed: number;
  /** How many sequences are under way at once. */
  readonly atOnce: number;
  compared(sequence: readonly Command[], comparison: Comparison, index: number): void;
}

/** Sequence `index` of a seed is the same in every run. */
export function sequenceOf(seed: number, index: number): readonly Command[] {
  return fc.sample(sequences, { numRuns: 1, seed: seed + index })[0]!;
}

/** Compares two brokers by so many random sequences. */
export async function runMany(options: ManyOptions): Promise<void> {
  const { reference, subject, count, seed } = options;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const sequence = sequenceOf(seed, index);
      options.compared(sequence, await compare(reference, subject, sequence), index);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
}
