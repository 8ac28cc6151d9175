import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokerUrl, howToGetABroker } from "./broker-url.ts";
import { summaryOf } from "./summary.ts";
import { runCities } from "./run.ts";

const url = await brokerUrl();
if (url === undefined) {
  process.stderr.write(howToGetABroker);
  process.exit(1);
}

const stopped = new AbortController();
process.once("SIGINT", () => stopped.abort(new Error("stopped by Ctrl-C")));
process.once("SIGTERM", () => stopped.abort(new Error("stopped by SIGTERM")));

process.stderr.write(
  `Sending every city of GeoNames (CC BY 4.0) through RabbitMQ at ${new URL(url).host || "localhost"}…\n`,
);
const folder = await mkdtemp(join(tmpdir(), "warren-cities-"));
try {
  const report = await runCities({ url, ledgerPath: join(folder, "ledger"), signal: stopped.signal });
  process.stdout.write(summaryOf(report));
  if (!report.audits.every(({ balanced }) => balanced)) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = stopped.signal.aborted ? 130 : 1;
} finally {
  await rm(folder, { recursive: true });
}
