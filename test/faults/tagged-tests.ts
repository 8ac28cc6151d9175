import { files, read } from "../repository.ts";
import { testTitles } from "../test-titles.ts";

/** A test or a proof that names the faults which it provokes: `[N5, B2] a sentence`. */
export interface TaggedTest {
  readonly ids: readonly string[];
  /** Without the ids. */
  readonly title: string;
  readonly file: string;
  readonly runs: "npm test" | "pnpm prove";
}

const tag = /^\[([^\]]*)\] (.*)$/s;

/** The tests of the whole repository with a tag, by file. Those that are skipped do not count. */
export function taggedTests(): readonly TaggedTest[] {
  const suites = ["packages", "test", "examples"].flatMap((folder) => files(folder, /\.(test|suite)\.ts$/));
  const proofs = files("packages", /\.(ts|sh)$/).filter((file) => /^packages\/[^/]+\/prove\//.test(file));
  return [
    ...suites.flatMap((file) => tagged(file, titlesOf(read(file)), "npm test")),
    ...proofs.flatMap((file) => tagged(file, claimsOf(read(file)), "pnpm prove")),
  ];
}

function titlesOf(source: string): readonly string[] {
  return testTitles(source).flatMap(({ title, disabled }) => (disabled ? [] : [title]));
}

/** A proof is a program: it says in comment lines, each with a tag, what it shows. */
export function claimsOf(source: string): readonly string[] {
  return [...source.matchAll(/^(?:\/\/|#) (\[[A-Z]\d.*)$/gm)].map(([, claim]) => claim!);
}

function tagged(file: string, titles: readonly string[], runs: TaggedTest["runs"]): readonly TaggedTest[] {
  return titles.flatMap((each) => {
    const { ids, title } = splitTag(each);
    return ids.length === 0 ? [] : [{ ids, title, file, runs }];
  });
}

/** `[C6, N1] text` is C6, N1 and "text"; without a tag there are no ids. */
export function splitTag(title: string): { readonly ids: readonly string[]; readonly title: string } {
  const [, ids, rest] = tag.exec(title) ?? [];
  if (ids === undefined || rest === undefined || !/^[A-Z]\d/.test(ids)) return { ids: [], title };
  return { ids: ids.split(", "), title: rest };
}
