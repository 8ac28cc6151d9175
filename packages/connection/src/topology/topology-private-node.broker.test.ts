import { LaunchError, type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { afterAll, describe } from "vitest";
import { declareTopologySuite } from "./declare-topology.suite.ts";
import { managementSuite } from "./management.suite.ts";
import { permissionsSuite } from "./permissions.suite.ts";
import { planTopologySuite } from "./plan-topology.suite.ts";
import { retryLadderSuite } from "./retry-ladder.suite.ts";

/** A node of that version, or why there is none. The first RabbitMQ 4 on a machine takes minutes: a Debian is put in place for it. */
async function start(version: "installed" | "4"): Promise<RabbitMqNode | LaunchError> {
  try {
    return await startRabbitMq({ version, plugins: ["management"] });
  } catch (error) {
    if (error instanceof LaunchError) return error;
    throw error;
  }
}

const nodes = { installed: await start("installed"), "4": await start("4") };

for (const version of ["installed", "4"] as const) {
  const node = nodes[version];
  const missing = node instanceof LaunchError;
  describe.skipIf(missing)(`RabbitMQ, version ${version}${missing ? `: ${node.message}` : ""}`, () => {
    const live = (): RabbitMqNode => node as RabbitMqNode;
    afterAll(() => live().close());
    permissionsSuite(live);
    managementSuite(live);
    if (version === "installed") return; // The shared broker has the others.
    declareTopologySuite(() => live().url);
    planTopologySuite(() => live().url);
    retryLadderSuite(() => live().url);
  });
}
