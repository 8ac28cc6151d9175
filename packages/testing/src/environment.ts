import { homedir } from "node:os";
import { join } from "node:path";
import { LaunchError } from "./launch-error.ts";

/** The environment variables that steer the test kit; nothing else in it reads any. */
export interface TestEnvironment {
  /** `AMQP_URL`: a broker that is there already. */
  readonly amqpUrl: string | undefined;
  /** `DATABASE_URL`: a PostgreSQL server that is there already. */
  readonly databaseUrl: string | undefined;
  /** `WARREN_RABBITMQ`: which RabbitMQ private nodes are of, where a test does not say. */
  readonly rabbitMqVersion: "installed" | "4";
  /** `WARREN_REQUIRE_REAL=1`: fail where there is no real broker or database. */
  readonly requireReal: boolean;
  /** `XDG_CACHE_HOME`, or `~/.cache`: where things made once are kept. */
  readonly cacheFolder: string;
  /** `PATH`. */
  readonly path: string;
}

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** @throws LaunchError for a `WARREN_RABBITMQ` that is not one. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): TestEnvironment {
  return {
    amqpUrl: variables["AMQP_URL"] || undefined,
    databaseUrl: variables["DATABASE_URL"] || undefined,
    rabbitMqVersion: rabbitMqVersion(variables["WARREN_RABBITMQ"] || "installed"),
    requireReal: variables["WARREN_REQUIRE_REAL"] === "1",
    cacheFolder: join(variables["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "warren"),
    path: [variables["PATH"], systemPath].filter(Boolean).join(":"),
  };
}

function rabbitMqVersion(value: string): "installed" | "4" {
  if (value === "installed" || value === "4") return value;
  throw new LaunchError(`WARREN_RABBITMQ is "${value}"; it must be "installed" or "4".`);
}
