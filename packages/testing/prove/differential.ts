// The embedded broker beside RabbitMQ, in random sequences of commands:
//   pnpm prove differential [--sequences 10000] [--seed 1] [--brokers 3.10,4.0] [--at-once 16] [--self]
// --self compares RabbitMQ with itself instead: what differs then is the doing of the barrier.
import { parseArgs } from "node:util";
import { compare } from "../differential/run/compare.ts";
import { Coverage } from "../differential/run/coverage.ts";
import { differenceText } from "../differential/run/report.ts";
import { runMany } from "../differential/run/run-many.ts";
import { shrink } from "../differential/run/shrink.ts";
import { Target } from "../differential/run/target.ts";
import type { Command } from "../differential/sequence/command.ts";
import { startEmbeddedBroker } from "../src/broker/start-embedded-broker.ts";
import type { BrokerVersion } from "../src/broker/version.ts";
import { startRabbitMq } from "../src/rabbitmq/start-rabbitmq.ts";

const { values } = parseArgs({
  options: {
    sequences: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    brokers: { type: "string", default: "3.10,4.0" },
    "at-once": { type: "string", default: "16" },
    self: { type: "boolean", default: false },
  },
});
const count = Number(values.sequences);
const seed = Number(values.seed);

for (const version of values.brokers.split(",") as BrokerVersion[]) {
  const begun = performance.now();
  await using node = await startRabbitMq({ version: version === "4.0" ? "4" : "installed" });
  await using broker = await startEmbeddedBroker({ version });
  const reference = new Target("RabbitMQ", node.port, "r.");
  const subject = values.self
    ? new Target("RabbitMQ again", node.port, "s.")
    : new Target("embedded", broker.port, "e.");
  const coverage = new Coverage();
  const outcomes = { same: 0, restless: 0, racing: 0, different: 0 };
  const different: [index: number, sequence: readonly Command[]][] = [];
  await runMany({
    reference,
    subject,
    count,
    seed,
    atOnce: Number(values["at-once"]),
    compared: (sequence, { outcome }, index) => {
      coverage.add(sequence);
      outcomes[outcome] += 1;
      if (outcome === "different") different.push([index, sequence]);
    },
  });
  console.log(`${subject.name} beside RabbitMQ ${node.version}: ${count} sequences from seed ${seed}`);
  console.log(`${JSON.stringify(outcomes)} in ${Math.round((performance.now() - begun) / 1000)} s`);
  console.log(coverage.tables());
  for (const [index, sequence] of different) {
    const small = await shrink(
      sequence,
      async (candidate) => (await compare(reference, subject, candidate)).outcome === "different",
    );
    const shown = await compare(reference, subject, small);
    console.log(`\nsequence ${index}, shrunk:`);
    if ("found" in shown) console.log(differenceText(small, shown.expected, shown.found));
    process.exitCode = 1;
  }
  await reference.close();
  await subject.close();
}
