// amqplib's own tests against the embedded broker, and against real brokers beside it. They speak to port 5672 of the
// machine, so that each broker gets a network namespace of its own (needs root rights).
//
//   git clone https://github.com/amqp-node/amqplib FOLDER && npm install --prefix FOLDER
//   pnpm prove amqplib-suite FOLDER
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startEmbeddedBroker } from "../src/broker/index.ts";
import type { BrokerVersion } from "../src/broker/version.ts";
import { startRabbitMq } from "../src/rabbitmq/start-rabbitmq.ts";

/** Starts a broker at port 5672 on both loopback addresses of this network namespace. */
const brokers = {
  "RabbitMQ 3.10": () => real("installed"),
  "RabbitMQ 4": () => real("4"),
  "embedded 3.10": () => embedded("3.10"),
  "embedded 4.0": () => embedded("4.0"),
} as const;

async function embedded(version: BrokerVersion): Promise<AsyncDisposable> {
  const v4 = await startEmbeddedBroker({ port: 5672, version });
  const v6 = await startEmbeddedBroker({ host: "::1", port: 5672, version });
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all([v4.close(), v6.close()]);
    },
  };
}

/** A private node chooses its port itself: what comes to 5672 is led there. */
async function real(version: "installed" | "4"): Promise<AsyncDisposable> {
  const node = await startRabbitMq({ version });
  const door = createServer((client) => {
    const inside = connect(node.port, "127.0.0.1");
    client.pipe(inside).pipe(client);
    client.on("error", () => inside.destroy());
    inside.on("error", () => client.destroy());
  });
  door.listen(5672, "::");
  await once(door, "listening");
  return {
    async [Symbol.asyncDispose]() {
      door.close();
      await node.close();
    },
  };
}

/** The tests by title, as often as they ran. */
interface Results {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

const [folder, name] = process.argv.slice(2);
if (folder === undefined) {
  console.error(
    "pnpm prove amqplib-suite FOLDER: a checkout of github.com/amqp-node/amqplib with its dependencies",
  );
  process.exit(64);
}
if (name !== undefined) {
  await using _broker = await brokers[name as keyof typeof brokers]();
  const { NODE_OPTIONS: _, ...env } = process.env;
  const suite = spawn(process.execPath, ["--test", "--test-reporter=tap", "--test-timeout=20000"], {
    cwd: resolve(folder),
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  await once(suite, "exit");
} else {
  const all = new Map<string, Results>();
  for (const broker of Object.keys(brokers)) {
    const results = await runIn(broker, folder);
    all.set(broker, results);
    console.log(`${broker}: ${results.passed.length} passed, ${results.failed.length} failed`);
    for (const test of results.failed) console.log(`  not ok: ${test}`);
  }
  const expected = all.get("RabbitMQ 3.10");
  assert.ok(expected !== undefined && expected.passed.length > 300, "the suite did not run");
  for (const [broker, results] of all)
    assert.deepEqual(results, expected, `${broker} differs from RabbitMQ 3.10`);
}

/** The leaves of the suite by file and place, in a network namespace of its own. */
async function runIn(broker: string, suite: string): Promise<Results> {
  const node = [
    process.execPath,
    "--import",
    "tsx",
    "--conditions=dev",
    fileURLToPath(import.meta.url),
    suite,
    broker,
  ];
  const child = spawn("unshare", ["--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', ...node], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const passed = [] as string[];
  const failed = [] as string[];
  let title: { text: string; ok: boolean } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const result = /^\s*(not ok|ok) \d+ - (.*)$/.exec(line);
    if (result !== null) title = { ok: result[1] === "ok", text: result[2] ?? "" };
    if (/^\s*type: 'suite'$/.test(line)) title = undefined;
    if (/^\s*\.\.\.$/.test(line) && title !== undefined) {
      (title.ok ? passed : failed).push(title.text);
      title = undefined;
    }
  }
  return { passed: passed.sort(), failed: failed.sort() };
}
