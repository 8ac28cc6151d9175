import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("..", import.meta.url));

const skipped = new Set(["node_modules", "dist", ".git"]);

/** The text of a file, by its path from the repository's root. */
export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Every file under a folder whose path from the root matches, sorted; nothing when the folder is not there. */
export function files(folder: string, matches: RegExp): readonly string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(child);
      } else if (matches.test(entry.name)) found.push(relative(root, child).replaceAll("\\", "/"));
    }
  };
  walk(join(root, folder));
  return found.sort();
}

/** Production code of the packages: no tests and what only tests import. */
export function sources(): readonly string[] {
  return files("packages", /\.ts$/).filter(
    (path) =>
      /^packages\/[^/]+\/src\//.test(path) && !/\.(test|test-support|test-process|suite)\.ts$/.test(path),
  );
}
