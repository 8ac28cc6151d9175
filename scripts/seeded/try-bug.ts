import type { PrivateCopy } from "./private-copy.ts";
import { runTests, type TestResult } from "./run-tests.ts";
import type { NamedTest, SeededBug } from "./seeded-bug.ts";

/** What a bug came to. */
export interface Trial {
  readonly bug: SeededBug;
  /** Whether it is as the head of the patch says. */
  readonly isFound: boolean;
  /** How the test failed, or what is not as it should be. */
  readonly because: string;
  readonly seconds: number;
}

/** What the named test of a bug came to without the bug. */
export interface Clean {
  readonly ms: number;
  /** Why it did not pass. */
  readonly problem: string | undefined;
}

/**
 * The unit tests have to pass with the bug, and the named test has to fail for what it looks for. Many such tests end at
 * their deadline then, which is a multiple of what they take without the bug.
 */
export async function tryBug(copy: PrivateCopy, bug: SeededBug, clean: Clean): Promise<Trial> {
  const startedAt = performance.now();
  const trial = (isFound: boolean, because: string): Trial => ({
    bug,
    isFound,
    because,
    seconds: (performance.now() - startedAt) / 1_000,
  });
  await copy.apply(bug.patch);
  try {
    const noticed = await noticedByUnitTests(copy, bug.unit);
    if (noticed !== undefined) return trial(false, noticed);
    const { results, broken } = await runTests(copy.path, [
      ...argumentsFor([bug.fails]),
      `--testTimeout=${10_000 + 5 * Math.ceil(clean.ms)}`,
    ]);
    if (broken !== undefined) return trial(false, `the test cannot run: ${firstLine(broken)}`);
    const result = find(results, bug.fails);
    if (result?.status !== "failed") return trial(false, `the test ${result?.status ?? "is not there"}`);
    const failure = readFailure(result.failures);
    return trial(failure.kind !== "broken code", `${failure.kind}: ${failure.sentence}`);
  } finally {
    await copy.takeBack(bug.patch);
  }
}

/** What a unit test says, if one does. One that fails has to do so twice: a flaw of its own is nothing that the bug did. */
async function noticedByUnitTests({ path }: PrivateCopy, unit: string): Promise<string | undefined> {
  let tests = [`${unit}/`];
  for (let look = 1; ; look++) {
    // Beside other work a test with many random cases takes longer than usual.
    const run = await runTests(path, ["--project", "unit", ...tests, "--testTimeout=60000"]);
    if (run.broken !== undefined) return `unit tests cannot run: ${firstLine(run.broken)}`;
    const failed = run.results.filter(({ status }) => status === "failed");
    const [first] = failed;
    if (first === undefined) return undefined;
    if (look === 2) return `a unit test fails: ${first.file}: ${first.title}`;
    tests = [...new Set(failed.map(({ file }) => file))];
  }
}

/** Without any bug every named test has to pass. */
export async function tryClean(
  copy: PrivateCopy,
  bugs: readonly SeededBug[],
): Promise<ReadonlyMap<SeededBug, Clean>> {
  const { results, broken } = await runTests(copy.path, argumentsFor(bugs.map(({ fails }) => fails)));
  return new Map(
    bugs.map((bug) => {
      const result = find(results, bug.fails);
      const why = result === undefined ? (broken ?? "is not there") : (result.failures[0] ?? result.status);
      return [
        bug,
        { ms: result?.ms ?? 0, problem: result?.status === "passed" ? undefined : firstLine(why) },
      ];
    }),
  );
}

function argumentsFor(tests: readonly NamedTest[]): readonly string[] {
  const titles = new Set(tests.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  const files = new Set(tests.map(({ file }) => file));
  const projects = new Set([...files].map((file) => (file.endsWith(".broker.test.ts") ? "broker" : "unit")));
  return [...[...projects].flatMap((name) => ["--project", name]), ...files, "-t", [...titles].join("|")];
}

/** A suite that runs on several brokers has each title several times; one that fails counts before all others. */
function find(results: readonly TestResult[], { file, title }: NamedTest): TestResult | undefined {
  const named = results.filter((result) => result.file === file && result.title === title);
  return (
    named.find(({ status }) => status === "failed") ??
    named.find(({ status }) => status === "passed") ??
    named[0]
  );
}

interface FailureRead {
  /** A deadline is the test's own, or one of what it waits in. */
  readonly kind: "assertion" | "deadline" | "error" | "broken code";
  readonly sentence: string;
}

/** What a test says that failed. A bug that does not compile would fail every test, and prove nothing. */
export function readFailure(failures: readonly string[]): FailureRead {
  const sentence = firstLine(failures[0] ?? "");
  // That is how vitest's report shows a test that took too long.
  if (sentence === "Error: STACK_TRACE_ERROR") return { kind: "deadline", sentence: "the test's own" };
  if (/^(SyntaxError|ReferenceError|TypeError)\b|Transform failed|Failed to load/.test(sentence))
    return { kind: "broken code", sentence };
  if (/timed out in \d+ms|\bwithin [\d,_]+ ?m?s\b/i.test(sentence)) return { kind: "deadline", sentence };
  return { kind: /^(Assertion)?Error: expected /.test(sentence) ? "assertion" : "error", sentence };
}

function firstLine(text: string): string {
  return (text.split("\n").find((line) => line.trim() !== "") ?? "").trim();
}
