import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../program.test-support.ts";
import { topology } from "./city.ts";
import { runCities } from "./run.ts";
import { summaryOf } from "./summary.ts";

const broker = useBroker();
const queueNames = Object.values(topology.queues).flatMap(({ name, retrySteps, deadLetter }) => [
  name,
  ...retrySteps.map(({ queue }) => queue),
  deadLetter!.queue!,
]);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-cities-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe.sequential("the cities", () => {
  test("are all handled, the failing ones by way of a wait queue or the dead letters", async () => {
    const report = await runCities({
      url: broker.url,
      every: 50,
      ledgerPath: join(folder, "whole"),
      quietMs: 15_000,
    });
    expect(report.audits).toMatchObject([
      {
        queue: "warren.cities.all",
        published: 3_422,
        handled: 3_422,
        lost: [],
        unexpected: [],
        left: 0,
        balanced: true,
      },
      { queue: "warren.cities.japan", lost: [], unexpected: [], left: 0, balanced: true },
    ]);
    expect(report.deadLettered).toBeGreaterThan(0);
    expect(report.replayed).toBe(report.deadLettered);
    expect(report).toMatchObject(report.meant);
    expect(summaryOf(report)).toContain("lost 0");
  });

  test("do not balance when one message is dropped on purpose", async () => {
    const sabotage = "AD-0";
    const report = await runCities({
      url: broker.url,
      every: 500,
      ledgerPath: join(folder, "sabotaged"),
      sabotage,
      quietMs: 15_000,
    });
    expect(report.audits[0]).toMatchObject({ balanced: false, lost: [sabotage] });
    expect(summaryOf(report)).toContain("THE LEDGER DOES NOT BALANCE");
  });

  test("are not sent while another run is at work, and what a killed run left behind does no harm", async () => {
    await using killed = await connect(broker.url, { topology });
    await using publisher = createPublisher(killed);
    await publisher.publish({
      exchange: "",
      routingKey: "warren.cities.all",
      body: Buffer.from("left over"),
    });
    {
      await using _consumer = createConsumer(killed, {
        queue: "warren.cities.japan",
        handlers: [onAny(() => undefined)],
      });
      await _consumer.start();
      const second = runCities({ url: broker.url, every: 500, ledgerPath: join(folder, "second") });
      await expect(second).rejects.toThrow("another run is at work");
    }
    const report = await runCities({
      url: broker.url,
      every: 500,
      ledgerPath: join(folder, "third"),
      quietMs: 15_000,
    });
    expect(report.audits).toMatchObject([{ balanced: true }, { balanced: true }]);
  });

  test("leave nothing on the broker after Ctrl-C", async () => {
    const program = runProgram(join(import.meta.dirname, "main.ts"), {
      AMQP_URL: broker.url,
      NODE_EXTRA_CA_CERTS: "",
    });
    await program.says("confirmed ");
    program.kill("SIGINT");
    expect(await program.ended, program.output()).toBe(130);
    expect(program.output()).toContain("stopped by Ctrl-C\n");
    await using connection = await connect(broker.url);
    for (const queue of queueNames)
      await expect(
        connection.channels.withChannel((channel) => channel.checkQueue(queue)),
        queue,
      ).rejects.toMatchObject({ code: "BROKER_NOT_FOUND" });
  });
});
