// Clients in other languages on the embedded broker, and on real ones beside it: pika (Debian: python3-pika), whose checks
// are in other-clients.py, and the C tools of librabbitmq (Debian: amqp-tools). What a client sees must be the same.
//
//   pnpm prove other-clients [--show]
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import amqplib from "amqplib";
import { startEmbeddedBroker } from "../src/broker/index.ts";
import type { BrokerVersion } from "../src/broker/version.ts";
import { startRabbitMq } from "../src/rabbitmq/start-rabbitmq.ts";

/** A broker that can be told to block who publishes, as in an alarm. */
interface Subject extends AsyncDisposable {
  readonly url: string;
  block(): Promise<void>;
  unblock(): Promise<void>;
}

async function real(version: "installed" | "4"): Promise<Subject> {
  const node = await startRabbitMq({ version });
  return {
    url: node.url,
    block: () => node.memoryAlarm(true),
    unblock: () => node.memoryAlarm(false),
    [Symbol.asyncDispose]: () => node.close(),
  };
}

async function embedded(version: BrokerVersion): Promise<Subject> {
  const broker = await startEmbeddedBroker({ version });
  return {
    url: broker.url,
    block: async () => void broker.faults.blockPublishers(),
    unblock: async () => broker.faults.clear(),
    [Symbol.asyncDispose]: () => broker.close(),
  };
}

/** What a client saw, by the name of the check, as JSON. */
type Sightings = Map<string, string>;

async function pika(broker: Subject): Promise<Sightings> {
  const sightings: Sightings = new Map();
  // Not the first python3 on PATH, which may be another one than Debian's.
  const python = spawn("/usr/bin/python3", [
    fileURLToPath(new URL("other-clients.py", import.meta.url)),
    `${broker.url}/%2F`,
  ]);
  python.stderr.pipe(process.stderr);
  for await (const line of createInterface({ input: python.stdout })) {
    const said = JSON.parse(line) as { ask: "block" | "unblock" } | { check: string; saw: unknown };
    if ("ask" in said) {
      await broker[said.ask]();
      python.stdin.write("done\n");
    } else sightings.set(`pika: ${said.check}`, JSON.stringify(said.saw));
  }
  return sightings;
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One run of one of the C tools. */
type Tool = (name: string, args: readonly string[], input?: string) => Promise<Ended>;

const runTool =
  (url: string): Tool =>
  async (name, args, input = "") => {
    const { hostname, port } = new URL(url);
    const child = spawn(name, ["--server", hostname, "--port", port, ...args], {
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
    });
    // One that takes no input may have ended before.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("close", resolve);
      child.once("error", reject);
    });
    const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { exitCode, stdout, stderr };
  };

const queue = "warren.other-clients.tools";
const big = "0123456789abcdef".repeat(65_536);

interface Bench {
  readonly tool: Tool;
  readonly channel: amqplib.ConfirmChannel;
  /** Ends when a message with this key is routed by the exchange: somebody has bound a queue. */
  readonly publishedOnce: (exchange: string, key: string, body: string) => Promise<void>;
}

const toolChecks: Readonly<Record<string, (bench: Bench) => Promise<unknown>>> = {
  "amqp-declare-queue: durable, named by the server, and refused where it differs": async ({
    tool,
    channel,
  }) => {
    const named = await tool("amqp-declare-queue", ["-q", queue, "-d"]);
    const byServer = await tool("amqp-declare-queue", ["-q", ""]);
    await channel.deleteQueue(byServer.stdout.trim());
    const differs = await tool("amqp-declare-queue", ["-q", queue]);
    return [named, byServer.stdout.replace(/gen-.{22}/, "gen-…"), differs];
  },
  "amqp-publish: a persistent body with content type, encoding, reply-to and headers": async ({
    tool,
    channel,
  }) => {
    const args = [
      "-r",
      queue,
      "-p",
      "-C",
      "text/plain",
      "-E",
      "utf-8",
      "-t",
      "replies",
      "-H",
      "a: 1",
      "-H",
      "b: two",
    ];
    const published = await tool("amqp-publish", [...args, "-b", "hello"]);
    const message = await channel.get(queue, { noAck: true });
    assert.ok(message !== false);
    const known = Object.entries(message.properties).filter(([, value]) => value !== undefined);
    return [published, message.content.toString(), known];
  },
  "amqp-publish: a body of a megabyte from standard input, and a line a message": async ({ tool }) => {
    const args = ["-r", queue];
    const ended = [
      await tool("amqp-publish", args, big),
      await tool("amqp-publish", [...args, "-l"], "one\ntwo\n"),
    ];
    const got = await Promise.all([1, 2, 3].map(() => tool("amqp-get", ["-q", queue])));
    return [ended, got.map(({ stdout }) => (stdout === big ? "the megabyte" : stdout)).toSorted()];
  },
  "amqp-publish: to an exchange that there is not": ({ tool }) =>
    tool("amqp-publish", ["-e", "warren.other-clients.none", "-r", "key", "-b", "lost"]),
  "amqp-get: one message, none, and a queue that there is not": async ({ tool, channel }) => {
    channel.sendToQueue(queue, Buffer.from("got"));
    await channel.waitForConfirms();
    const got = await tool("amqp-get", ["-q", queue]);
    const empty = await tool("amqp-get", ["-q", queue]);
    return [got, empty, await tool("amqp-get", ["-q", "warren.other-clients.none"])];
  },
  "amqp-consume: three with a prefetch of one, acknowledged, in order": async ({ tool, channel }) => {
    for (const body of ["1", "2", "3", "4"]) channel.sendToQueue(queue, Buffer.from(body));
    await channel.waitForConfirms();
    const consumed = await tool("amqp-consume", ["-q", queue, "-p", "1", "-c", "3", "cat"]);
    return [consumed, (await channel.checkQueue(queue)).messageCount, await channel.purgeQueue(queue)];
  },
  "amqp-consume: without acknowledgements, and a command that fails": async ({ tool, channel }) => {
    for (const body of ["1", "2"]) channel.sendToQueue(queue, Buffer.from(body));
    await channel.waitForConfirms();
    const failed = await tool("amqp-consume", ["-q", queue, "-c", "1", "sh", "-c", "cat; exit 1"]);
    const left = (await channel.checkQueue(queue)).messageCount;
    const unacked = await tool("amqp-consume", ["-q", queue, "-A", "-c", "1", "cat"]);
    await channel.purgeQueue(queue);
    return [failed, left, unacked];
  },
  "amqp-consume: an exclusive queue, bound to an exchange": async ({ tool, publishedOnce }) => {
    const args = ["-x", "-q", `${queue}.exclusive`, "-e", "amq.topic", "-r", "tools.#", "-c", "1", "cat"];
    const consumed = tool("amqp-consume", args);
    await publishedOnce("amq.topic", "tools.one", "bound");
    return consumed;
  },
  "amqp-delete-queue: unless it is empty, unless it is unused, and at once": async ({ tool, channel }) => {
    channel.sendToQueue(queue, Buffer.from("kept"));
    await channel.waitForConfirms();
    const full = await tool("amqp-delete-queue", ["-q", queue, "--if-empty"]);
    const { consumerTag } = await channel.consume(queue, () => undefined);
    const used = await tool("amqp-delete-queue", ["-q", queue, "--if-unused"]);
    await channel.cancel(consumerTag);
    const deleted = await tool("amqp-delete-queue", ["-q", queue]);
    return [full, used, deleted, await tool("amqp-delete-queue", ["-q", queue])];
  },
  "all of them: a wrong password and a virtual host that there is not": async ({ tool }) => [
    await tool("amqp-get", ["-q", queue, "--password", "wrong"]),
    await tool("amqp-get", ["-q", queue, "--vhost", "warren.other-clients.none"]),
  ],
};

async function tools({ url }: Subject): Promise<Sightings> {
  const connection = await amqplib.connect(url);
  const channel = await connection.createConfirmChannel();
  const publishedOnce = async (exchange: string, key: string, body: string): Promise<void> => {
    let routed = false;
    while (!routed) {
      routed = true;
      channel.once("return", () => (routed = false));
      channel.publish(exchange, key, Buffer.from(body), { mandatory: true });
      await channel.waitForConfirms();
      channel.removeAllListeners("return");
    }
  };
  const sightings: Sightings = new Map();
  for (const [name, check] of Object.entries(toolChecks))
    sightings.set(name, JSON.stringify(await check({ tool: runTool(url), channel, publishedOnce })));
  await connection.close();
  return sightings;
}

const pairs = [
  { reality: "RabbitMQ 3.10", imitation: "embedded 3.10", installation: "installed", version: "3.10" },
  { reality: "RabbitMQ 4.0", imitation: "embedded 4.0", installation: "4", version: "4.0" },
] as const;

async function sightingsOn(start: () => Promise<Subject>): Promise<Sightings> {
  await using broker = await start();
  return new Map([...(await pika(broker)), ...(await tools(broker))]);
}

/** By check, what was seen on the real broker and on the embedded one, pair by pair. */
const table = new Map<
  string,
  { readonly expected: string | undefined; readonly actual: string | undefined }[]
>();
for (const [column, { installation, version }] of pairs.entries()) {
  const expected = await sightingsOn(() => real(installation));
  const actual = await sightingsOn(() => embedded(version));
  assert.ok(expected.size > 30, `only ${expected.size} checks ran`);
  for (const check of new Set([...expected.keys(), ...actual.keys()])) {
    const row = table.get(check) ?? [];
    row[column] = { expected: expected.get(check), actual: actual.get(check) };
    table.set(check, row);
  }
}

console.log(`| | ${pairs.map(({ reality, imitation }) => `${imitation} and ${reality}`).join(" | ")} |`);
console.log(`|---|${"---|".repeat(pairs.length)}`);
let differenceCount = 0;
for (const [check, row] of table) {
  const verdicts = row.map(({ expected, actual }) => (expected === actual ? "the same" : "DIFFERENT"));
  console.log(`| ${check} | ${verdicts.join(" | ")} |`);
  for (const [column, { expected, actual }] of row.entries()) {
    const { reality, imitation } = pairs[column]!;
    if (expected !== actual || process.argv.includes("--show")) console.error(`  ${reality}: ${expected}`);
    if (expected === actual) continue;
    console.error(`  ${imitation}: ${actual}`);
    differenceCount += 1;
  }
}
assert.equal(differenceCount, 0, `${differenceCount} sightings differ`);
