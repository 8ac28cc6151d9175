/** One message as a handler saw it: the number counts the messages of its key. */
export interface Numbered {
  readonly key: string;
  readonly number: number;
}

/** K2: the messages that came for the first time after a later one of the same key. A copy of an earlier one is none. */
export function inversions(seen: Iterable<Numbered>): readonly Numbered[] {
  const keys = new Map<string, { highest: number; readonly numbers: Set<number> }>();
  const late: Numbered[] = [];
  for (const each of seen) {
    const key = keys.get(each.key) ?? { highest: -Infinity, numbers: new Set<number>() };
    keys.set(each.key, key);
    if (!key.numbers.has(each.number) && each.number < key.highest) late.push(each);
    key.numbers.add(each.number);
    key.highest = Math.max(key.highest, each.number);
  }
  return late;
}
