import { homedir } from "node:os";
import { join } from "node:path";
import { LaunchError } from "./launch-error.ts";

/** The environment variables that steer the test kit; nothing else in it reads any. */
export interface TestEnvironment {
  /** `AMQP_URL`: a broker that is there already. */
  readonly amqpUrl: string | undefined;
  /** `DATABASE_URL`: a PostgreSQL server that is there already. */
  readonly databaseUrl: string | undefined;
  /**
   * `WARREN_BROKER`: `embedded` for Warren's own broker in the test process, `real` for a RabbitMQ. Unset, a RabbitMQ where there
   * is one and else the embedded broker.
   */
  readonly broker: "embedded" | "real" | undefined;
  /** `WARREN_RABBITMQ`: which RabbitMQ private nodes are of and the embedded broker is like, where a test does not say. */
  readonly rabbitMqVersion: "installed" | "4";
  /** `WARREN_REQUIRE_REAL=1`: fail where there is no real broker or database. */
  readonly requireReal: boolean;
  /** `XDG_CACHE_HOME`, or `~/.cache`: where things made once are kept. */
  readonly cacheFolder: string;
  /** `PATH`. */
  readonly path: string;
}

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** @throws LaunchError for a `WARREN_BROKER` or a `WARREN_RABBITMQ` that is not one, and for wishes that exclude each other. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): TestEnvironment {
  const requireReal = variables["WARREN_REQUIRE_REAL"] === "1";
  const broker = brokerKind(variables["WARREN_BROKER"] || undefined);
  if (requireReal && broker === "embedded")
    throw new LaunchError("WARREN_BROKER=embedded and WARREN_REQUIRE_REAL=1 exclude each other.");
  return {
    broker,
    amqpUrl: variables["AMQP_URL"] || undefined,
    databaseUrl: variables["DATABASE_URL"] || undefined,
    rabbitMqVersion: rabbitMqVersion(variables["WARREN_RABBITMQ"] || "installed"),
    requireReal,
    cacheFolder: join(variables["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "warren"),
    path: [variables["PATH"], systemPath].filter(Boolean).join(":"),
  };
}

function brokerKind(value: string | undefined): "embedded" | "real" | undefined {
  if (value === undefined || value === "embedded" || value === "real") return value;
  throw new LaunchError(`WARREN_BROKER is "${value}"; it must be "embedded" or "real".`);
}

function rabbitMqVersion(value: string): "installed" | "4" {
  if (value === "installed" || value === "4") return value;
  throw new LaunchError(`WARREN_RABBITMQ is "${value}"; it must be "installed" or "4".`);
}
