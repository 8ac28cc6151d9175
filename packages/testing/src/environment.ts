import { homedir } from "node:os";
import { join } from "node:path";

/** The environment variables that steer the test kit; nothing else in it reads any. */
export interface TestEnvironment {
  /** `AMQP_URL`: a broker that is there already. */
  readonly amqpUrl: string | undefined;
  /** `DATABASE_URL`: a PostgreSQL server that is there already. */
  readonly databaseUrl: string | undefined;
  /** `WARREN_REQUIRE_REAL=1`: fail where there is no real broker or database. */
  readonly requireReal: boolean;
  /** `XDG_CACHE_HOME`, or `~/.cache`: where things made once are kept. */
  readonly cacheFolder: string;
  /** `PATH`. */
  readonly path: string;
}

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): TestEnvironment {
  return {
    amqpUrl: variables["AMQP_URL"] || undefined,
    databaseUrl: variables["DATABASE_URL"] || undefined,
    requireReal: variables["WARREN_REQUIRE_REAL"] === "1",
    cacheFolder: join(variables["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "warren"),
    path: [variables["PATH"], systemPath].filter(Boolean).join(":"),
  };
}
