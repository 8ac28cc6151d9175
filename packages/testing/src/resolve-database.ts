import { startPostgresContainer } from "./docker/postgres-container.ts";
import { readEnvironment, type TestEnvironment } from "./environment.ts";
import { firstThatStarts } from "./first-that-starts.ts";
import { startPostgres } from "./postgres/start-postgres.ts";

/** A database for a test run, wherever it came from. */
export interface ResolvedDatabase extends AsyncDisposable {
  readonly source: "DATABASE_URL" | "private server" | "container";
  readonly url: string;
  /** One line for the log of the run, without a password. */
  readonly description: string;
  /** Ends what was started for it. */
  close(): Promise<void>;
}

/**
 * The PostgreSQL to test against: `DATABASE_URL` if it is set, else a private server of the PostgreSQL that is
 * installed here, else a container. Those two are started with `wal_level = logical`.
 *
 * @throws LaunchError when there is none, saying what was tried and what to do.
 */
export async function resolveDatabase(
  environment: TestEnvironment = readEnvironment(),
): Promise<ResolvedDatabase> {
  const { databaseUrl } = environment;
  if (databaseUrl !== undefined) {
    return resolved("DATABASE_URL", databaseUrl, new URL(databaseUrl).host, async () => undefined);
  }
  return firstThatStarts("PostgreSQL", "DATABASE_URL", [privateServer, container]);
}

const settings = { wal_level: "logical" };

async function privateServer(): Promise<ResolvedDatabase> {
  const server = await startPostgres({ settings });
  return resolved("private server", server.url, `port ${server.port}`, () => server.close());
}

async function container(): Promise<ResolvedDatabase> {
  const server = await startPostgresContainer({ settings });
  return resolved("container", server.url, server.image, () => server.close());
}

function resolved(
  source: ResolvedDatabase["source"],
  url: string,
  where: string,
  close: () => Promise<void>,
): ResolvedDatabase {
  return {
    source,
    url,
    description: `PostgreSQL (${source}, ${where})`,
    close,
    [Symbol.asyncDispose]: close,
  };
}
