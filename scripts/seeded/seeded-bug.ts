import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../test/repository.ts";

/** A bug that was put in on purpose, to see that the test of a promise notices when the promise is broken. */
export interface SeededBug {
  readonly name: string;
  /** Path of the patch from the repository's root. */
  readonly patch: string;
  /** What is wrong, in one sentence. */
  readonly bug: string;
  /** The faults of `test/faults/catalogue.ts` whose promise is broken. */
  readonly breaks: readonly string[];
  /** The package whose unit tests do not notice. */
  readonly unit: string;
  /** The test that does. */
  readonly fails: NamedTest;
}

export interface NamedTest {
  readonly file: string;
  /** As the run shows it: without the titles around it, and filled in where it is a template. */
  readonly title: string;
}

export const folder = "packages/testing/seeded-bugs";

/** All of them, by name. */
export function seededBugs(): readonly SeededBug[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".patch"))
    .sort()
    .map((file) => readSeededBug(`${folder}/${file}`, readFileSync(join(root, folder, file), "utf8")));
}

/**
 * The head of a patch, four lines before its first `diff --git`.
 *
 * @throws Error when a line is missing.
 */
export function readSeededBug(patch: string, text: string): SeededBug {
  const head = text.slice(0, text.indexOf("diff --git "));
  const line = (name: string): string => {
    const found = new RegExp(`^${name}: (.+)$`, "m").exec(head)?.[1];
    if (found === undefined) throw new Error(`${patch} has no line "${name}: …" before its diff`);
    return found;
  };
  const [, file, title] = /^(\S+\.test\.ts): (.+)$/.exec(line("Fails")) ?? [];
  if (file === undefined || title === undefined)
    throw new Error(`${patch}: "Fails" must be the file and the title of a test`);
  return {
    name: patch.slice(patch.lastIndexOf("/") + 1, -".patch".length),
    patch,
    bug: line("Bug"),
    breaks: line("Breaks").split(", "),
    unit: line("Unit"),
    fails: { file, title },
  };
}
