import { expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";
import { LaunchError } from "./launch-error.ts";
import { claimPort } from "./ports.ts";
import { resolveBroker } from "./resolve-broker.ts";
import { useBroker } from "./vitest/use-broker.ts";

const broker = useBroker({ broker: "real" });

test("AMQP_URL goes before everything else, and its password is not told", async () => {
  const environment = readEnvironment({ AMQP_URL: broker.url });
  await using found = await resolveBroker(environment);
  expect(found).toMatchObject({ source: "AMQP_URL", url: broker.url, version: broker.version });
  expect(found.description).not.toContain("guest");
});

test("an AMQP_URL where nobody answers is an error and not a reason to take another broker", async () => {
  const claim = await claimPort();
  const environment = readEnvironment({ AMQP_URL: `amqp://localhost:${claim.port}` });
  await expect(resolveBroker(environment)).rejects.toThrow(LaunchError);
  claim.release();
});
