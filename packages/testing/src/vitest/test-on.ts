import { test, type TestAPI } from "vitest";
import { readEnvironment } from "../environment.ts";
import { whyNoPostgres, whyNoRabbitMq } from "./why-missing.ts";

/** vitest's `test`, without what configures the whole of it. */
export type SkippableTest = ReturnType<TestAPI["skipIf"]>;

/**
 * vitest's `test` for a file that starts RabbitMQ nodes of its own, in hooks or in tests. Where that RabbitMQ cannot be had its
 * tests are skipped, and so are the hooks of a file that has no others; one more skipped test says why. `WARREN_REQUIRE_REAL=1`
 * makes it an error.
 *
 * ```ts
 * const test = await testOnRabbitMq();
 *
 * test("three nodes hold every order", async () => {
 *   await using cluster = await startRabbitMqCluster({ nodes: 3 });
 *   // …
 * });
 * ```
 *
 * @throws LaunchError with `WARREN_REQUIRE_REAL=1`.
 */
export async function testOnRabbitMq(): Promise<SkippableTest> {
  return testUnless(await whyNoRabbitMq(readEnvironment().rabbitMqVersion));
}

/** The same for a file that starts PostgreSQL servers. */
export async function testOnPostgres(): Promise<SkippableTest> {
  return testUnless(await whyNoPostgres());
}

function testUnless(missing: string | undefined): SkippableTest {
  if (missing === undefined) return test;
  test.skip(missing);
  return test.skip;
}
