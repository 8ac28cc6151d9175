/** Whether a routing key, cut into its words, fits. */
export type TopicPattern = (words: readonly string[]) => boolean;

/** A key without any character has no word, `a.` has two. */
export function wordsOf(routingKey: string): readonly string[] {
  return routingKey === "" ? [] : routingKey.split(".");
}

/** Whether a binding's key is more than the only key that it fits. */
export function hasWildcards(bindingKey: string): boolean {
  return wordsOf(bindingKey).some((word) => word === "*" || word === "#");
}

/**
 * `*` stands for exactly one word, `#` for any number of them. Between two `#` the leftmost place that fits will do, so
 * nothing is ever tried again: the time is the key's words times, at worst, the pattern's.
 */
export function topicPattern(bindingKey: string): TopicPattern {
  const runs = runsBetweenHashes(wordsOf(bindingKey));
  const first = runs[0] ?? [];
  const last = runs.at(-1) ?? [];
  if (runs.length === 1) return (words) => words.length === first.length && fitsAt(first, words, 0);

  const middle = runs.slice(1, -1);
  return (words) => {
    const lastAt = words.length - last.length;
    if (lastAt < first.length || !fitsAt(first, words, 0) || !fitsAt(last, words, lastAt)) return false;
    let from = first.length;
    for (const run of middle) {
      while (from + run.length <= lastAt && !fitsAt(run, words, from)) from++;
      from += run.length;
      if (from > lastAt) return false;
    }
    return true;
  };
}

function runsBetweenHashes(words: readonly string[]): readonly (readonly string[])[] {
  const runs: string[][] = [[]];
  for (const word of words) {
    if (word === "#") runs.push([]);
    else runs.at(-1)?.push(word);
  }
  return runs;
}

function fitsAt(run: readonly string[], words: readonly string[], from: number): boolean {
  for (let index = 0; index < run.length; index++) {
    if (run[index] !== "*" && run[index] !== words[from + index]) return false;
  }
  return true;
}
