import { anInteger, type Rule, type Rules } from "@warren/message/authoring";
import { type Frequency, pulse } from "../broker/faults/frequency.ts";

const aProbability: Rule = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 ? undefined : "must be a number from 0 to 1";

export const frequencyRules: Rules<Frequency> = {
  every: anInteger(1, 2 ** 31 - 1),
  times: anInteger(1, 2 ** 31 - 1),
  probability: aProbability,
  seed: anInteger(0, 2 ** 32 - 1),
};

/** Says delivery by delivery whether it is struck. Each middleware counts and draws for itself. */
export function strikes({ times = Infinity, ...frequency }: Frequency): () => boolean {
  const beats = pulse(frequency);
  let left = times;
  return () => left > 0 && beats() && left-- > 0;
}
