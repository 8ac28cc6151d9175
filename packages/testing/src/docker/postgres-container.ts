import type { StartedTestContainer } from "testcontainers";
import { LaunchError } from "../launch-error.ts";
import { loadTestcontainers } from "./load-testcontainers.ts";

export interface PostgresContainerOptions {
  /** @default "postgres:17" */
  readonly image?: string;
  /** Server settings by name, for example `{ wal_level: "logical" }`. @default {} */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** How long the start may take once the image is there, in milliseconds. @default 120_000 */
  readonly startTimeoutMs?: number;
}

/**
 * Starts PostgreSQL in a container, by way of the package `testcontainers`, which must be installed beside this one.
 *
 * @throws LaunchError when testcontainers is not installed, no container engine runs, or the server does not start.
 */
export async function startPostgresContainer(
  options: PostgresContainerOptions = {},
): Promise<PostgresContainer> {
  const { image = "postgres:17", settings = {}, startTimeoutMs = 120_000 } = options;
  const { GenericContainer, Wait } = await loadTestcontainers();
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  try {
    const container = await new GenericContainer(image)
      .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: "trust" })
      .withCommand(["postgres", ...flags])
      .withExposedPorts(5432)
      // The image starts the server once to set it up, and then again for good.
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .withStartupTimeout(startTimeoutMs)
      .start();
    return new PostgresContainer(image, container);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LaunchError(`PostgreSQL cannot be started in a container (${image}): ${why}`, { cause });
  }
}

/** A PostgreSQL in a container; see {@link startPostgresContainer}. */
export class PostgresContainer implements AsyncDisposable {
  readonly image: string;
  readonly url: string;
  readonly #container: StartedTestContainer;

  constructor(image: string, container: StartedTestContainer) {
    this.image = image;
    this.url = `postgres://postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
    this.#container = container;
  }

  /** Ends the container and removes it. */
  async close(): Promise<void> {
    await this.#container.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
