import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedBroker } from "@warren/testing/broker";
import { expect, test } from "vitest";
import { runProgram } from "../program.test-support.ts";
import { runCities } from "./run.ts";
import { summaryOf } from "./summary.ts";

const main = join(import.meta.dirname, "main.ts");

test("the cities all arrive where there is nothing but Node: the embedded broker does the whole job", async () => {
  await using broker = await startEmbeddedBroker();
  const folder = await mkdtemp(join(tmpdir(), "warren-cities-test-"));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const report = await runCities({ url: broker.url, every: 50, ledgerPath: join(folder, "ledger") });
  expect(report.audits).toMatchObject([
    { queue: "warren.cities.all", published: 3_422, handled: 3_422, balanced: true },
    { queue: "warren.cities.japan", balanced: true },
  ]);
  expect(report).toMatchObject(report.meant);
  expect(report.deadLettered).toBeGreaterThan(0);
  expect(report.replayed).toBe(report.deadLettered);
  expect(summaryOf(report)).toContain("lost 0");
}, 30_000);

test("the program ends after Ctrl-C with the broker that it has started", async () => {
  const program = runProgram(main, {}, "embedded");
  await program.says("through Warren embedded broker");
  program.kill("SIGINT");
  expect(await program.ended, program.output()).toBe(130);
  expect(program.output()).toContain("stopped by Ctrl-C\n");
}, 30_000);
