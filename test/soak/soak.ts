import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { seededRandom } from "../../packages/testing/src/broker/faults/seeded-random.ts";
import type { BrokerState } from "../faults/checkers/broker-state.ts";
import type { Client } from "./client.ts";
import { Clients } from "./clients.ts";
import { planFaults, type PlannedFault } from "./fault-plan.ts";
import { FaultRunner } from "./fault-runner.ts";
import { brokerLeaks, handleLeaks, socketLeaks } from "./leaks.ts";
import { readLedger } from "./ledger-file.ts";
import { SoakAccount } from "./soak-account.ts";
import { startSoakedBroker } from "./soaked-broker.ts";
import type { SoakOptions } from "./soak-options.ts";
import { queueNames, soakTopology } from "./soak-topology.ts";

export interface SoakResult {
  readonly version: string;
  readonly account: SoakAccount;
  readonly faults: FaultRunner;
  readonly clients: readonly Client[];
  /** After the faults, with everything handled and every process still there. */
  readonly atRest: BrokerState;
  readonly seconds: number;
  readonly problems: readonly string[];
}

type Say = (line: string) => void;

const settleMs = 2_500;
const warmUpMessages = 2_000;
const progressEveryMs = 5_000;
/** So far the publishers may at least be ahead of a fault that is due: it needs something in flight to hit. */
const leastLead = 1_000;
const mostTries = 3;
/** What the publishers are let on with for a fault that finds nothing in flight, once a second. */
const burst = 300;

/** One soak, from the start of the broker to the verdict. */
export async function runSoak(options: SoakOptions, print: Say): Promise<SoakResult> {
  const startedAt = performance.now();
  const secondsNow = (): number => (performance.now() - startedAt) / 1_000;
  const say = (line: string): void => print(`${secondsNow().toFixed(1).padStart(7)} s  ${line}`);
  const queues = queueNames(options.broker);
  const topology = soakTopology(options.broker);
  const folder = await mkdtemp(join(tmpdir(), "warren-soak-"));
  await using broker = await startSoakedBroker(options.broker, queues[0]!);
  say(`RabbitMQ ${broker.version}, ${broker.nodes.length} node(s), seed ${options.seed}`);
  await broker.declare(topology);
  // A quorum queue that is younger than two seconds may stay without a leader after a kill.
  await setTimeout(settleMs);

  await using clients = await Clients.start(options, broker, folder);
  const plan = planFaults(options, seededRandom(options.seed));
  // Not so far that nothing is left to publish when the last fault is due.
  const lead = Math.max(leastLead, options.messages / (2 * (plan.length + 1)));
  const faults = new FaultRunner({
    broker,
    publishers: clients.publishers,
    consumers: clients.consumers,
    queueCount: queues.length,
    starving: () => clients.letOn(burst),
  });
  const timer = setInterval(() => say(progress(clients, faults)), progressEveryMs);
  using _timer = { [Symbol.dispose]: () => clearInterval(timer) };

  const warmUp = Math.min(warmUpMessages, options.messages / 20);
  await clients.started();
  clients.allow(warmUp);
  await clients.untilReached(warmUp);
  const problems = [...(await runFaults(plan, lead, clients, faults, say))];
  await faults.whole();
  say("all faults are over");
  await clients.published();
  say("everything is published");
  problems.push(...(await broker.drained(topology, () => clients.atRest())));
  const atRest = await broker.stateWith((state) => brokerLeaks(queues.length, state).length === 0);
  problems.push(...brokerLeaks(queues.length, atRest), ...clients.all.flatMap(socketLeaks));
  problems.push(...(await clients.stop()), ...clients.all.flatMap(handleLeaks), ...clients.complaints);
  say("the clients have ended");

  const account = new SoakAccount();
  for (const { ledger } of clients.publishers) account.publisher(readLedger(ledger));
  for (const { ledger } of clients.consumers) account.consumer(readLedger(ledger));
  for (const id of await broker.deadLetters(topology)) account.deadLetter(id);
  const left = await broker.leftovers(topology);
  if (left.length === 0) account.drained();
  problems.push(...left, ...(await account.problems(faults.limits)));
  if (account.sent !== options.messages) problems.push(`${account.sent} messages were sent`);
  if (problems.length === 0) await rm(folder, { recursive: true });
  else say(`the ledgers stay in ${folder}`);
  const seconds = secondsNow();
  return { version: broker.version, account, faults, clients: clients.all, atRest, seconds, problems };
}

/** Each fault once it is due, and again if it came too late to hit. */
async function runFaults(
  plan: readonly PlannedFault[],
  lead: number,
  clients: Clients,
  faults: FaultRunner,
  say: Say,
): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const [index, fault] of plan.entries()) {
    const name = `fault ${index + 1}/${plan.length}, ${fault.kind}`;
    clients.allow(fault.atMessage + lead);
    await clients.untilReached(fault.atMessage);
    let hit;
    for (let tries = 0; hit === undefined && tries < mostTries; tries++) hit = await faults.run(fault);
    if (hit === undefined) {
      missed.push(`${name} never hit`);
      continue;
    }
    const { publishes, deliveries } = hit.inFlight;
    const own = hit.ofVictim === undefined ? "" : `, ${hit.ofVictim} of them its own`;
    say(`${name} of ${hit.target}: ${publishes} publishes and ${deliveries} deliveries in flight${own}`);
  }
  return missed;
}

function progress(clients: Clients, faults: FaultRunner): string {
  const { publishes, deliveries } = faults.inFlight;
  const handled = clients.consumers.reduce((sum, { wire }) => sum + wire.settledDeliveries, 0);
  return `published up to ${clients.reached}, settled deliveries ${handled}, in flight ${publishes} and ${deliveries}`;
}
