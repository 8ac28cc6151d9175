import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { runCli } from "@warren/cli";
import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, expect, test } from "vitest";
import { read } from "../repository.ts";
import { readyCount, Scene } from "./scene.ts";
import { Seen } from "./seen.ts";

const broker = useBroker();
const ids = Array.from({ length: 5 }, (_, id) => `o-${id}`);
let told = "";

afterEach(() => (told = ""));

/** The CLI with streams of its own; what it writes to stdout, and what it tells. */
async function warren(argv: readonly string[], stdin = ""): Promise<string> {
  const [stdout, stderr] = [new PassThrough({ highWaterMark: 1 << 24 }), new PassThrough()];
  const exit = await runCli(argv, {
    stdin: Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]),
    stdout,
    stderr,
    env: { AMQP_URL: broker.url },
    stdoutIsPipe: false,
    onSignal: () => () => undefined,
    kill: () => undefined,
  });
  told = String(stderr.read() ?? "");
  expect({ exit, told }).toEqual({ exit: 0, told });
  return String(stdout.read() ?? "");
}

/** Orders that fail until the retries are used up. */
async function killOrders(scene: Scene): Promise<void> {
  await using connection = await connect(broker.url, { topology: scene.topology });
  await using publisher = createPublisher(connection);
  await using failing = createConsumer(connection, {
    queue: scene.queue,
    handlers: [on(scene.Order, () => Promise.reject(new Error("no card")))],
  });
  await failing.start();
  for (const id of ids) await publisher.publish(scene.Order, { id }, { expirationMs: 600_000 });
  await warren(["consume", scene.dead, "-n", String(ids.length), "--ack", "none"]);
}

/** The file that `consume -o ndjson` makes of the dead letters. */
function taken(scene: Scene): Promise<string> {
  return warren(["consume", scene.dead, "-n", String(ids.length), "-o", "ndjson"]);
}

/** The recipe in the CLI's README with the names of a test; what each command told. */
async function recipe(scene: Scene): Promise<readonly string[]> {
  const [block] = /^warren consume billing\.dead.*?(?=```)/ms.exec(read("packages/cli/README.md"))!;
  const folder = await mkdtemp(join(tmpdir(), "warren-put-back-"));
  const all: string[] = [];
  for (const line of block.trim().split("\n")) {
    const [command, file] = line
      .split("  #")[0]!
      .replaceAll("billing", scene.queue.name)
      .replaceAll(/\w+\.ndjson/g, (name) => join(folder, name))
      .split(" > ");
    const stdout = await warren(command!.split(" ").slice(1));
    if (file !== undefined) await writeFile(file, stdout);
    all.push(told);
  }
  await rm(folder, { recursive: true });
  return all;
}

/** What a consumer that works handles of them, with the number of the attempt. */
async function handled(scene: Scene): Promise<readonly [id: string, attempt: number][]> {
  await using connection = await connect(broker.url, { topology: scene.topology });
  const seen = new Seen<[id: string, attempt: number]>();
  await using working = createConsumer(connection, {
    queue: scene.queue,
    handlers: [on(scene.Order, ({ id }, { attempt }) => seen.add([id, attempt]))],
  });
  await working.start();
  await seen.until(ids.length);
  await working.idle();
  return seen.items.toSorted(([one], [other]) => one.localeCompare(other));
}

const first = ids.map((id) => [id, 1]);

test("the recipe of the CLI's README: dead letters are published again to the queue they failed in, and handled as new", async () => {
  await using scene = new Scene(broker.url);
  await killOrders(scene);
  const [looked, consumed, published] = await recipe(scene);
  expect([looked, consumed]).toEqual(["5 looked at\n", "5 consumed\n"]);
  expect(published).toMatch(
    /^left out of 5 messages what the broker or Warren wrote about a failure: x-warren-\*; not sent again: expiration; sent to the queue it failed in: "\S+" \(5\)\n5 published: 5 confirmed/,
  );
  expect(published).toContain(`"${scene.queue.name}" (5)`);
  expect(await handled(scene)).toEqual(first);
  await using connection = await connect(broker.url);
  for (const queue of [scene.dead, ...scene.waitQueues]) expect(await readyCount(connection, queue)).toBe(0);
});

test("they go where --queue says, and through their old exchange with their old key where --exchange says so", async () => {
  await using scene = new Scene(broker.url);
  await killOrders(scene);
  const file = await taken(scene);
  const [one, ...others] = file.trim().split("\n");
  await warren(["publish", "--input", "envelope", "-Q", scene.queue.name, "-q"], one);
  expect(told).toBe("");
  await warren(["publish", "--input", "envelope", "-e", scene.exchange], others.join("\n"));
  expect(told).toMatch(/^left out of 4 messages/);
  expect(told).not.toContain("failed in");
  expect(await handled(scene)).toEqual(first);
});

test("what the broker dead-lettered itself goes back too", async () => {
  await using scene = new Scene(broker.url);
  await using connection = await connect(broker.url, { topology: scene.topology });
  await using publisher = createPublisher(connection);
  for (const id of ids) await publisher.publish(scene.Order, { id }, { expirationMs: 1 });
  const file = await taken(scene);
  expect(JSON.parse(file.split("\n")[0]!).headers).toHaveProperty("x-death");
  await warren(["publish", "--input", "envelope"], file);
  expect(told).toMatch(/^left out of 5 messages .*: x-death, x-first-death-\*/);
  expect(await handled(scene)).toEqual(first);
});
