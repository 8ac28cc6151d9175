import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { LaunchError } from "../launch-error.ts";

const parents = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql"];

/** The folder with `initdb` and `postgres` of the newest PostgreSQL on this machine. */
export async function findPostgres(): Promise<string> {
  for (const parent of parents) {
    const entries = await readdir(parent).catch(() => []);
    const newestFirst = entries.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
    for (const entry of newestFirst) {
      const programs = join(parent, entry, "bin");
      if (
        await access(join(programs, "initdb")).then(
          () => true,
          () => false,
        )
      )
        return programs;
    }
  }
  throw new LaunchError(
    "PostgreSQL is not installed on this machine. Install it (Debian: apt-get install postgresql), " +
      "or set DATABASE_URL to a server that is there already.",
  );
}
