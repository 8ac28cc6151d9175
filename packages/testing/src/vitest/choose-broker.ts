import type { TestEnvironment } from "../environment.ts";
import { embeddedVersion } from "../resolve-broker.ts";
import type { ProvidedBroker } from "./provided-broker.ts";

/**
 * The broker of a test file: what it asks for itself, else what the global set-up provides, else, without a global set-up, an
 * embedded one.
 *
 * @throws Error where the environment asks for a real one and no global set-up has looked for it.
 */
export function chooseBroker(
  asked: "embedded" | "real" | undefined,
  provided: ProvidedBroker | undefined,
  environment: TestEnvironment,
): ProvidedBroker {
  const embedded = { embedded: embeddedVersion(environment) };
  if (asked === "embedded") return embedded;
  if (provided === undefined) {
    const wantsReal =
      asked === "real" ||
      environment.broker === "real" ||
      environment.requireReal ||
      environment.amqpUrl !== undefined;
    if (!wantsReal) return embedded;
    throw new Error(
      'useBroker() needs globalSetup: ["@warren/testing/vitest/global-setup"] in the vitest configuration, to find a real broker',
    );
  }
  if (asked === "real" && "embedded" in provided)
    return { missing: "There is only the embedded broker, and these tests need a real one." };
  return provided;
}
