import { describeRabbitMq } from "@warren/testing/vitest";
import { declareTopologySuite } from "./declare-topology.suite.ts";
import { managementSuite } from "./management.suite.ts";
import { permissionsSuite } from "./permissions.suite.ts";
import { planTopologySuite } from "./plan-topology.suite.ts";
import { retryLadderSuite } from "./retry-ladder.suite.ts";

for (const version of ["installed", "4"] as const) {
  describeRabbitMq(`RabbitMQ, version ${version}`, { version, plugins: ["management"] }, (node) => {
    permissionsSuite(node);
    managementSuite(node);
    if (version === "installed") return; // The shared broker has the others.
    declareTopologySuite(() => node().url);
    planTopologySuite(() => node().url);
    retryLadderSuite(() => node().url);
  });
}
