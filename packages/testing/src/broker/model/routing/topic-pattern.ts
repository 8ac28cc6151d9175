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
 * nothing is ever tried again, and the time grows with the key's length alone.
 */
export function topicPattern(bindingKey: string): TopicPattern {
  const runs = runsBetweenHashes(wordsOf(bindingKey));
  const first = runs[0] ?? [];
  const last = runs.at(-1) ?? [];
  if (runs.length === 1) return (words) => words.length === first.length && fitsAt(first, words, 0);

  const searches = runs.slice(1, -1).map(searchFor);
  return (words) => {
    const lastAt = words.length - last.length;
    if (lastAt < first.length || !fitsAt(first, words, 0) || !fitsAt(last, words, lastAt)) return false;
    let from = first.length;
    for (const search of searches) {
      const end = search(words, from, lastAt);
      if (end === undefined) return false;
      from = end;
    }
    return true;
  };
}

/** Where the leftmost place between the two ends that fits is over. */
type Search = (words: readonly string[], from: number, to: number) => number | undefined;

/**
 * Shift-and: a bit for each length of the run's beginning that the words up to here end with. One step a word, whatever
 * the words repeat.
 */
function searchFor(run: readonly string[]): Search {
  if (run.length === 0) return (_words, from) => from;
  const anyWord = bitsWhere(run, "*");
  const bits = new Map(run.map((word) => [word, bitsWhere(run, word) | anyWord]));
  const complete = 1n << BigInt(run.length - 1);
  return (words, from, to) => {
    let begun = 0n;
    for (let index = from; index < to; index++) {
      begun = ((begun << 1n) | 1n) & (bits.get(words[index] ?? "") ?? anyWord);
      if ((begun & complete) !== 0n) return index + 1;
    }
    return undefined;
  };
}

function bitsWhere(run: readonly string[], wanted: string): bigint {
  return run.reduce((bits, word, index) => (word === wanted ? bits | (1n << BigInt(index)) : bits), 0n);
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
    const wanted = run[index];
    if (wanted !== words[from + index] && wanted !== "*") return false;
  }
  return true;
}
