import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedBroker } from "@warren/testing/broker";
import { chooseBroker } from "./choose-broker.ts";
import { summaryOf } from "./summary.ts";
import { runCities } from "./run.ts";

const stopped = new AbortController();
// Not once: npm and pnpm pass the terminal's Ctrl-C on, and the second would cut the cleaning up short.
process.on("SIGINT", () => stopped.abort(new Error("stopped by Ctrl-C")));
process.on("SIGTERM", () => stopped.abort(new Error("stopped by SIGTERM")));

await using broker =
  process.argv[2] === "embedded"
    ? await startEmbeddedBroker()
    : await chooseBroker({ amqpUrl: process.env["AMQP_URL"] });
process.stderr.write(`Sending every city of GeoNames (CC BY 4.0) through ${broker.description}…\n`);
const folder = await mkdtemp(join(tmpdir(), "warren-cities-"));
try {
  const report = await runCities({
    url: broker.url,
    ledgerPath: join(folder, "ledger"),
    signal: stopped.signal,
  });
  process.stdout.write(summaryOf(report));
  if (!report.audits.every(({ balanced }) => balanced)) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = stopped.signal.aborted ? 130 : 1;
} finally {
  await rm(folder, { recursive: true });
}
