import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@warren/connection";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { drain } from "./fault-run.test-support.ts";

const broker = useBroker();
const child = fileURLToPath(new URL("publishing-child.test-support.ts", import.meta.url));

test("[C12] of a publisher that is killed everything confirmed is stored, and no more than its window is unknown", async () => {
  const window = 200;
  const queue = broker.name("q");
  await using connection = await connect(broker.url);
  await connection.channels.withChannel((channel) =>
    channel.declareQueue(queue, { durable: true, exclusive: false, autoDelete: false, arguments: {} }),
  );
  const folder = await mkdtemp(join(tmpdir(), "warren-"));
  const file = join(folder, "ledger");
  const publisher = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=dev", child, broker.url, queue, `${window}`, file, "2000"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = once(publisher, "exit");
  await once(publisher.stdout, "data");
  publisher.kill("SIGKILL");
  expect(await exited).toEqual([null, "SIGKILL"]);
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  await rm(folder, { recursive: true });
  const numbers = (kind: string): Set<number> =>
    new Set(lines.filter((line) => line.startsWith(kind)).map((line) => Number(line.slice(2))));
  const [begun, confirmed] = [numbers("s"), numbers("c")];
  const stored = await drain(connection, queue);
  await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
  const isStored = new Set(stored);
  expect(confirmed.size).toBeGreaterThanOrEqual(2_000);
  expect([...confirmed].filter((number) => !isStored.has(number))).toEqual([]);
  expect(begun.size - confirmed.size).toBeLessThanOrEqual(window);
  expect(stored.filter((number) => !begun.has(number))).toEqual([]);
  expect(isStored.size).toBe(stored.length);
});
