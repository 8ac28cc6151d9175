import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "@warren/connection";
import { startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { expect } from "vitest";
import { readyCount } from "../../guarantees/scene.ts";
import { Seen } from "../../guarantees/seen.ts";
import { endProblems, processEnd } from "../checkers/process-end.ts";

const test = await testOnRabbitMq();
const program = fileURLToPath(new URL("blocked-publisher.program.ts", import.meta.url));
const queue = "blocked at shutdown";

test("[B7] a process that is told to end in an alarm does so within its deadline, and tells what became of each publish", async () => {
  await using node = await startRabbitMq();
  await using connection = await connect(node.url);
  await connection.channels.withChannel((channel) =>
    channel.declareQueue(queue, { durable: true, exclusive: false, autoDelete: false, arguments: {} }),
  );
  await node.memoryAlarm(true);
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=dev", program, node.url, queue], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = new Seen<string>();
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.add(line));
  const read = new Promise((resolve) => reader.once("close", resolve));
  await lines.until((all) => all.includes("blocked"));
  const end = await processEnd(child, () => child.kill("SIGTERM"));
  await read;
  expect(endProblems(end, { code: null, signal: "SIGTERM", withinMs: 2_500 })).toEqual([]);
  const told = new Map(
    lines.items.filter((line) => line !== "blocked").map((line) => line.split(" ") as [string, string]),
  );
  expect(told.size).toBe(21);
  // What was written before the alarm was heard of may be stored when it is over; the others were never written.
  expect(told.get("0")).toBe("maybe");
  expect([...told.values()].filter((stored) => stored === "no")).toHaveLength(20);
  await node.memoryAlarm(false);
  await expect.poll(() => readyCount(connection, queue)).toBeLessThanOrEqual(1);
});
