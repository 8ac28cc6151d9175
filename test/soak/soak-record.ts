import type { BrokerState } from "../faults/checkers/broker-state.ts";
import type { Client } from "./client.ts";
import type { FaultKind } from "./fault-plan.ts";
import type { Hit } from "./fault-runner.ts";
import { rssSlope } from "./leaks.ts";
import type { SoakOptions } from "./soak-options.ts";
import type { SoakResult } from "./soak.ts";

/** The block that goes into the record. */
export function soakRecord(options: SoakOptions, result: SoakResult): string {
  const { version, account, faults, clients, atRest, seconds, problems } = result;
  const { lost, unexpected, duplicates, recovered } = account.audit;
  const { republished, redelivered, unmarked, movedAgain } = account.copies;
  const { publishes, deliveries } = faults.limits;
  return [
    `broker: ${options.broker}, RabbitMQ ${version}, seed: ${options.seed}, seconds: ${Math.round(seconds)}`,
    `messages: ${account.sent} sent, ${account.confirmed} confirmed, ${account.unknownAtKill} in flight in a killed publisher`,
    `  (${recovered} of what was not confirmed came), rejected: ${JSON.stringify(account.failures)}`,
    `ends: ${account.ended} messages, after ${account.refusals} failures of handlers`,
    `lost: ${lost}, unexpected: ${unexpected}`,
    `duplicates: ${duplicates} = ${republished} published again (${account.replays} replays, windows ${publishes})`,
    `  + ${redelivered} redelivered + ${unmarked} redelivered unmarked (windows ${deliveries}) + ${movedAgain} moved again`,
    ...hitsByKind(faults.hits),
    `broker at rest: ${atRest.connections} connections, ${atRest.channels} channels, ${consumersOf(atRest)} consumers`,
    ...clients.map(clientLine),
    problems.length === 0 ? "problems: none" : `problems: ${problems.length}`,
    ...problems.slice(0, 40).map((problem) => `  ${problem}`),
  ].join("\n");
}

function consumersOf({ queues }: BrokerState): number {
  return Object.values(queues).reduce((sum, { consumers }) => sum + consumers, 0);
}

function hitsByKind(hits: readonly Hit[]): readonly string[] {
  const kinds = [...new Set(hits.map(({ fault }) => fault.kind))].sort();
  return kinds.map((kind: FaultKind) => {
    const of = hits.filter(({ fault }) => fault.kind === kind);
    const range = (numbers: readonly number[]): string =>
      `${Math.min(...numbers)} to ${Math.max(...numbers)}`;
    const publishes = range(of.map(({ inFlight }) => inFlight.publishes));
    const deliveries = range(of.map(({ inFlight }) => inFlight.deliveries));
    return `${of.length} × ${kind}, in flight: ${publishes} publishes, ${deliveries} deliveries`;
  });
}

function clientLine({ name, killCount, connectionCount, samples, report }: Client): string {
  const last = samples.at(-1);
  const minutes = samples.length < 2 ? 0 : (last!.atMs - samples[0]!.atMs) / 60_000;
  const peak = Math.max(0, ...samples.map(({ rssBytes }) => rssBytes));
  const left = JSON.stringify(report?.handles ?? {});
  return [
    `${name}: ${killCount} × SIGKILL, ${connectionCount} connections, last life ${minutes.toFixed(1)} min`,
    `RSS peak ${mebibytes(peak)}, end ${mebibytes(last?.rssBytes ?? 0)}, slope ${rssSlope(samples).toFixed(1)} MiB/h`,
    `handles after close ${left}`,
  ].join("; ");
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
