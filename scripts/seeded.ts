// pnpm seeded [NAME…] [--list] [--jobs N]: puts each seeded bug into a private copy of the last commit and looks whether the
// test that its patch names finds it, while the unit tests do not. Exit code 0 when all are found, 1 otherwise.
import { parseArgs } from "node:util";
import { PrivateCopy } from "./seeded/private-copy.ts";
import { folder, type SeededBug, seededBugs } from "./seeded/seeded-bug.ts";
import { type Trial, tryBug, tryClean } from "./seeded/try-bug.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean" }, jobs: { type: "string", default: "2" } },
});
const all = seededBugs();
const unknown = positionals.filter((name) => !all.some((bug) => bug.name === name));
const jobs = Number(values.jobs);

if (values.list === true) {
  for (const { name, breaks, bug } of all) console.log(`${name} [${breaks.join(", ")}]: ${bug}`);
} else if (unknown.length > 0 || !(jobs >= 1)) {
  console.error(
    unknown.length > 0 ? `No patch in ${folder}: ${unknown.join(", ")}` : "--jobs is a number from 1",
  );
  process.exitCode = 64;
} else {
  const named = positionals.flatMap((name) => all.filter((bug) => bug.name === name));
  const chosen = named.length === 0 ? all : named;
  process.exitCode = (await tryAll(chosen)) ? 0 : 1;
}

async function tryAll(bugs: readonly SeededBug[]): Promise<boolean> {
  const startedAt = performance.now();
  const copies = await Promise.all(
    Array.from({ length: Math.min(jobs, bugs.length) }, () => PrivateCopy.make()),
  );
  try {
    const clean = await tryClean(copies[0]!, bugs);
    const left = bugs.filter((bug) => clean.get(bug)!.problem === undefined);
    for (const [{ name }, { problem }] of clean)
      if (problem !== undefined) console.log(`NOT CLEAN  ${name}: without it its test fails: ${problem}`);
    let foundCount = 0;
    const work = async (copy: PrivateCopy): Promise<void> => {
      for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
        const trial = await tryBug(copy, bug, clean.get(bug)!);
        if (trial.isFound) foundCount++;
        console.log(row(trial));
      }
    };
    await Promise.all(copies.map(work));
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    console.log(`${foundCount} of ${bugs.length} seeded bugs found in ${seconds} s`);
    return foundCount === bugs.length;
  } finally {
    await Promise.all(copies.map((copy) => copy[Symbol.asyncDispose]()));
  }
}

function row({ bug, isFound, because, seconds }: Trial): string {
  const verdict = isFound ? "found    " : "NOT FOUND";
  return `${verdict}  ${bug.name.padEnd(36)} ${String(Math.round(seconds)).padStart(3)} s  ${because.slice(0, 140)}`;
}
