import process from "node:process";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startEmbeddedBroker } from "../src/broker/start-embedded-broker.ts";
import type { EmbeddedBroker } from "../src/broker/embedded-broker.ts";
import type { ProvidedTarget } from "../conformance/harness/targets.ts";
import { regressions } from "./regressions.ts";
import { differenceText } from "./run/report.ts";
import { runMany } from "./run/run-many.ts";
import { Target } from "./run/target.ts";

const provided = inject("warren:conformance");

describe.each(["3.10", "4.0"] as const)("The embedded broker as %s", (version) => {
  const compare = provided[`rabbitmq-${version}`]?.state === "running" ? test : test.skip;
  let broker: EmbeddedBroker;
  let reference: Target;
  let subject: Target;
  beforeAll(async () => {
    broker = await startEmbeddedBroker({ version });
    const real = provided[`rabbitmq-${version}`] as Extract<ProvidedTarget, { state: "running" }>;
    reference = new Target("RabbitMQ", real.port, `d${process.pid}.`);
    subject = new Target("embedded", broker.port, "d.");
  });
  afterAll(async () => {
    await reference.close();
    await subject.close();
    await broker.close();
  });

  compare.each(Object.entries(regressions))("shows that %s", async (_, sequence) => {
    expect(await subject.run(sequence)).toEqual(await reference.run(sequence));
  });

  compare("shows what RabbitMQ shows in 80 random sequences", { timeout: 120_000 }, async () => {
    const differences: string[] = [];
    await runMany({
      reference,
      subject,
      count: 80,
      seed: 20_260_101,
      atOnce: 12,
      compared: (sequence, comparison, index) => {
        if (comparison.outcome === "different")
          differences.push(
            `sequence ${index}\n${differenceText(sequence, comparison.expected, comparison.found)}`,
          );
      },
    });
    expect(differences.join("\n\n")).toBe("");
  });
});
