import { writeFile } from "node:fs/promises";
import { type ChannelModel, connect } from "amqplib";
import { type BenchOptions, parseBenchOptions, usage } from "./bench-options.ts";
import { reference } from "./contenders/registry.ts";
import { runOverload } from "./overload.ts";
import { machineLine, machine } from "./report/machine.ts";
import { summarize, type ScenarioSummary } from "./report/summary.ts";
import { renderOverload } from "./report/overload-report.ts";
import { renderTable } from "./report/table.ts";
import { orderOfRound, runRound } from "./round.ts";
import type { Scenario } from "./scenarios.ts";
import type { Measurement } from "./tasks/measurement.ts";

try {
  const options = parseBenchOptions(process.argv.slice(2), process.env);
  if (options.help) process.stdout.write(usage);
  else await bench(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  const connection = await connect(options.url, { noDelay: true });
  try {
    const { product, version } = connection.connection.serverProperties;
    const where = machine(`${product} ${version}`);
    process.stdout.write(`${machineLine(where)}\n\n`);
    const summaries: ScenarioSummary[] = [];
    for (const scenario of options.scenarios) {
      const summary = await benchScenario(connection, scenario, options);
      summaries.push(summary);
      process.stdout.write(`${renderTable(summary)}\n`);
    }
    const { rounds, seed } = options;
    const overload = options.overload && (await runOverload(connection, options.url, options.overload, seed));
    if (overload !== undefined) process.stdout.write(`${renderOverload(overload)}\n`);
    if (overload?.problem !== undefined) process.exitCode = 1;
    if (options.jsonFile === undefined) return;
    const everything = { machine: where, rounds, seed, summaries, overload };
    await writeFile(options.jsonFile, `${JSON.stringify(everything, undefined, 2)}\n`);
  } finally {
    await connection.close();
  }
}

async function benchScenario(
  connection: ChannelModel,
  scenario: Scenario,
  { url, rounds, contenders, seed }: BenchOptions,
): Promise<ScenarioSummary> {
  const measured: ReadonlyMap<string, Measurement>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    progress(`${scenario.name}: round ${round + 1} of ${rounds}`);
    measured.push(await runRound(connection, url, scenario, orderOfRound(contenders, round), seed));
  }
  progress("");
  return summarize(scenario, measured, contenders, reference);
}

/** One line that rewrites itself, on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
