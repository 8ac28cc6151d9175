import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { greet } from "./rabbitmq/broker-probe.ts";
import { testOnRabbitMq } from "./vitest/test-on.ts";

const test = await testOnRabbitMq();

interface Launched {
  readonly port: number;
  readonly folder: string;
}

test("a node and its files do not outlive a test process that is killed", async () => {
  const program = fileURLToPath(new URL("../test/launch-and-wait.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=dev", "--import", "tsx", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const launched = JSON.parse(line) as Launched;
  expect(existsSync(launched.folder)).toBe(true);

  // The node's end closes this connection; no other sign of it reaches us.
  const witness = connect({ port: launched.port, host: "127.0.0.1" });
  witness.on("error", () => undefined);
  await once(witness, "connect");
  const ended = new Promise((resolve) => witness.once("close", resolve));
  child.kill("SIGKILL");
  witness.resume();
  await ended;

  await expect.poll(() => existsSync(launched.folder), { timeout: 10_000 }).toBe(false);
  expect(await greet(launched.port)).toBeUndefined();
});
