import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { topology } from "./city.ts";
import { runCities } from "./run.ts";
import { summaryOf } from "./summary.ts";

const broker = useBroker();
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
    const env = { ...process.env, AMQP_URL: broker.url };
    delete (env as Record<string, string | undefined>)["NODE_EXTRA_CA_CERTS"];
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "--conditions=dev", join(import.meta.dirname, "main.ts")],
      { env },
    );
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await new Promise<void>((resolve) => {
      child.stderr.on("data", () => {
        if (/confirmed [1-9]/.test(stderr)) resolve();
      });
    });
    child.kill("SIGINT");
    const exit = await new Promise((resolve) => child.once("exit", resolve));
    expect(exit, stderr).toBe(130);
    expect(stderr).toContain("stopped by Ctrl-C\n");
    expect(await broker.control.ctl("list_queues", "--vhost", broker.vhost, "name")).not.toContain(
      "warren.cities",
    );
  });
});
