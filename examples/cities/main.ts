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
// Not once: npm and pnpm pass the terminal's Ctrl-C on, and the second would cut the cleaning up short.
process.on("SIGINT", () => stopped.abort(new Error("stopped by Ctrl-C")));
process.on("SIGTERM", () => stopped.abort(new Error("stopped by SIGTERM")));

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
