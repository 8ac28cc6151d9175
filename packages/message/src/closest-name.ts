/** Longer than any name worth guessing at: names may come from the wire, and the distance takes time n × m. */
const longestGuess = 64;

/** The known name that `name` was probably meant to be, or nothing when none is near. */
export function closestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > longestGuess) return undefined;
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** As many as can be read as a suggestion: a word that is in more of the names means none of them. */
const maxMeant = 4;

/** The known names that `name` was probably meant to be: the nearest spelling, else those that share its words. */
function namesMeant(name: string, known: Iterable<string>): readonly string[] {
  if (name.length > longestGuess) return [];
  const candidates = [...known];
  const closest = closestName(name, candidates);
  if (closest !== undefined) return [closest];
  const related = candidates.filter((candidate) => haveWordsInCommon(name, candidate));
  return related.length > maxMeant ? [] : related;
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const meant = namesMeant(name, known).map((each) => `"${each}"`);
  return meant.length === 0 ? "" : ` Did you mean ${meant.join(" or ")}?`;
}

/** As many as are worth reading where none of them is near. */
const maxListed = 12;

/** That there is no such name, with the one that was meant; where none is near, with all that there are, if these are few. */
export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const names = [...known];
  const sentence = `unknown ${what} "${name.length > longestGuess ? `${name.slice(0, longestGuess)}…` : name}"`;
  const suggestion = didYouMean(name, names);
  if (suggestion !== "") return `${sentence}.${suggestion}`;
  return names.length === 0 || names.length > maxListed ? sentence : `${sentence}; there ${listed(names)}`;
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? `is ${names[0]}` : `are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Shorter beginnings would be the beginning of anything. */
const shortestBeginning = 3;

/** `heartbeat` and `heartbeatSeconds`, `maxRetries` and `retry`, `pre` and `prefetch`. */
function haveWordsInCommon(name: string, candidate: string): boolean {
  if (name.length >= shortestBeginning && candidate.toLowerCase().startsWith(name.toLowerCase())) return true;
  const [words, others] = [wordsOf(name), wordsOf(candidate)];
  if (words.length === 0 || others.length === 0) return false;
  return words.every((word) => others.includes(word)) || others.every((word) => words.includes(word));
}

const units: ReadonlySet<string> = new Set(["ms", "second", "byte", "count"]);

/** In the singular, and without the unit where there is anything else. */
function wordsOf(name: string): readonly string[] {
  const words = name
    .split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u)
    .filter((word) => word !== "")
    .map((word) => singular(word.toLowerCase()));
  const meaningful = words.filter((word) => !units.has(word));
  return meaningful.length > 0 ? meaningful : words;
}

function singular(word: string): string {
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return word.length > shortestBeginning && word.endsWith("s") ? word.slice(0, -1) : word;
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(current[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforePrevious[j - 2]! + 1);
      current.push(least);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[b.length]!;
}
