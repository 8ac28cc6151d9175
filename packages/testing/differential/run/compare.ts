import { isDeepStrictEqual } from "node:util";
import type { Command } from "../sequence/command.ts";
import type { Observations } from "./run-sequence.ts";
import { restless, type Target } from "./target.ts";

/**
 * - `same`: both brokers showed the same.
 * - `restless`: the sequence sets off something that never ends.
 * - `racing`: RabbitMQ itself does not show the same each time.
 * - `different`: RabbitMQ shows the same each time, and the other broker something else.
 */
export type Comparison =
  | { readonly outcome: "same" | "restless" }
  | {
      readonly outcome: "racing" | "different";
      readonly expected: Observations;
      readonly found: Observations;
    };

const repetitions = 4;

/** @param reference is right by definition */
export async function compare(
  reference: Target,
  subject: Target,
  sequence: readonly Command[],
): Promise<Comparison> {
  const [expected, found] = await Promise.all([reference.run(sequence), subject.run(sequence)]);
  if (expected === restless && found === restless) return { outcome: "restless" };
  if (isDeepStrictEqual(expected, found)) return { outcome: "same" };
  let racing = false;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const again = await reference.run(sequence);
    if (isDeepStrictEqual(again, found)) return { outcome: "racing", expected, found };
    racing ||= !isDeepStrictEqual(again, expected);
  }
  return { outcome: racing ? "racing" : "different", expected, found };
}

/** The first command after which the brokers did not show the same. */
export function firstDifference(expected: Observations, found: Observations): number {
  const length = Math.max(expected.length, found.length);
  for (let index = 0; index < length; index += 1)
    if (!isDeepStrictEqual(expected[index], found[index])) return index;
  return length;
}
