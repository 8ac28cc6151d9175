import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "@warren/connection";
import { createConsumers } from "./consumers.ts";
import { countDiagnostics, metricsText } from "./metrics.ts";
import { topology } from "./topology.ts";

countDiagnostics();
const connection = await connect(process.env["AMQP_URL"] ?? "amqp://localhost", { topology, name: "shop" });

const probes = createServer((request, response) => {
  if (request.url === "/metrics") response.end(metricsText());
  else response.writeHead(connection.healthy() ? 200 : 503).end(connection.state.kind);
});
// Consumers finish what they have begun and the connection closes; until then the probe answers 503.
connection.closeOnSignals({ after: () => probes.close() });

await Promise.all(createConsumers(connection).map((consumer) => consumer.start()));
probes.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  console.log("ready on port", (probes.address() as AddressInfo).port);
});
