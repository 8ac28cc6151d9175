import { readEnvironment, type TestEnvironment } from "../environment.ts";
import { LaunchError } from "../launch-error.ts";
import { findPostgres } from "../postgres/installed.ts";
import { chooseInstallation } from "../rabbitmq/choose-installation.ts";

/**
 * Why tests can start no RabbitMQ node here, if they cannot. Asked while tests are collected, which nothing limits in time: the
 * first RabbitMQ 4 of a machine takes minutes.
 *
 * @throws LaunchError instead, with `WARREN_REQUIRE_REAL=1`.
 */
export async function whyNoRabbitMq(version: "installed" | "4"): Promise<string | undefined> {
  if (readEnvironment().broker === "embedded") return "WARREN_BROKER=embedded asks for no RabbitMQ.";
  return whyMissing(() => chooseInstallation(version));
}

/**
 * Why tests can start no PostgreSQL server here, if they cannot.
 *
 * @throws LaunchError instead, with `WARREN_REQUIRE_REAL=1`.
 */
export async function whyNoPostgres(): Promise<string | undefined> {
  return whyMissing(findPostgres);
}

/** The message of the `LaunchError` with which `find` rejects, if it does; rejects with all else. */
export async function whyMissing(
  find: () => Promise<unknown>,
  { requireReal }: Pick<TestEnvironment, "requireReal"> = readEnvironment(),
): Promise<string | undefined> {
  try {
    await find();
    return undefined;
  } catch (error) {
    if (!(error instanceof LaunchError) || requireReal) throw error;
    return error.message;
  }
}
