import { writeFile } from "node:fs/promises";
import { connect } from "amqplib";
import { type BenchOptions, parseBenchOptions, usage } from "./bench-options.ts";
import { reference } from "./contenders/registry.ts";
import { machineLine, machine } from "./report/machine.ts";
import { summarize, type ScenarioSummary } from "./report/summary.ts";
import { renderTable } from "./report/table.ts";
import { orderOfRound, runRound } from "./round.ts";

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
  const { server } = { server: connection.connection.serverProperties };
  const where = machine(`${server.product} ${server.version}`);
  process.stdout.write(`${machineLine(where)}\n\n`);
  const summaries: ScenarioSummary[] = [];
  for (const scenario of options.scenarios) {
    const rounds = [];
    for (let round = 0; round < options.rounds; round += 1) {
      progress(`${scenario.name}: round ${round + 1} of ${options.rounds}`);
      const order = orderOfRound(options.contenders, round);
      const measurements = await runRound(connection, options.url, scenario, order, options.seed);
      rounds.push(new Map(options.contenders.map((name) => [name, measurements.get(name)!])));
    }
    progress("");
    const summary = summarize(scenario, rounds, reference);
    summaries.push(summary);
    process.stdout.write(`${renderTable(summary)}\n`);
  }
  await connection.close();
  if (options.jsonFile !== undefined) {
    await writeFile(
      options.jsonFile,
      `${JSON.stringify({ machine: where, rounds: options.rounds, seed: options.seed, summaries }, undefined, 2)}\n`,
    );
  }
}

/** One line that rewrites itself, on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
