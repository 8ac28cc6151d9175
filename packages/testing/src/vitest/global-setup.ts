import { stderr } from "node:process";
import type { TestProject } from "vitest/node";
import { readEnvironment, type TestEnvironment } from "../environment.ts";
import { LaunchError } from "../launch-error.ts";
import { embeddedVersion, resolveBroker, type ResolvedBroker } from "../resolve-broker.ts";
import type { ProvidedBroker } from "./provided-broker.ts";

/**
 * One broker for a whole vitest run. Name this module in `globalSetup` and call `useBroker()` in the test files. Where it comes to
 * the embedded broker, each test file starts one of its own, in its own process.
 *
 * With `WARREN_REQUIRE_REAL=1` the run fails when no broker can be had; otherwise the tests that use one are skipped.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const environment = readEnvironment();
  let broker: ResolvedBroker | undefined;
  let provided: ProvidedBroker;
  try {
    broker = await resolveBroker(environment);
    provided = await provide(broker, environment);
    stderr.write(`Testing against ${broker.description}\n`);
  } catch (error) {
    if (environment.requireReal || !(error instanceof LaunchError)) throw error;
    provided = { missing: error.message };
    stderr.write(
      `${error.message}\nTests that need it are skipped; WARREN_REQUIRE_REAL=1 makes this an error.\n`,
    );
  }
  project.provide("warren:broker", provided);
  return async () => {
    await broker?.close();
  };
}

async function provide(broker: ResolvedBroker, environment: TestEnvironment): Promise<ProvidedBroker> {
  const { source, url, version, access } = broker;
  if (source !== "embedded") return { url, version, access };
  await broker.close();
  return { embedded: embeddedVersion(environment) };
}
