/**
 * What becomes of a message in this soak, by its number: most are handled at once; some fail once and are handled after
 * their retry; some fail until the ladder is used up, and some for good at once: those two are dead letters.
 */
export type Fate = "handled" | "retried" | "exhausted" | "permanent";

export function fateOf(number: number): Fate {
  const place = number % 1_000;
  if (place >= 100 && place < 110) return "retried";
  if (place >= 500 && place < 503) return "permanent";
  if (place >= 700 && place < 702) return "exhausted";
  return "handled";
}

export function endsDead(number: number): boolean {
  const fate = fateOf(number);
  return fate === "exhausted" || fate === "permanent";
}
