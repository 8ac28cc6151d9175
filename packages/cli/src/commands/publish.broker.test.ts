import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { classic, useQueue } from "../cli.test-support.ts";

const broker = useBroker();
const the = useQueue(broker);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-cli-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("a body goes to a queue, with its headers and properties", async () => {
  const argv = [
    "publish",
    "-Q",
    the.queue,
    "007",
    "-H",
    "n:int=7",
    "-H",
    "at:time=0",
    "-p",
    "type=t",
    "-p",
    "priority=3",
  ];
  const { exit, stdout, stderr } = await the.warren(argv);
  expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "" });
  expect(stderr).toMatch(/^1 published: 1 confirmed; /);
  const { stdout: taken } = await the.warren(["consume", the.queue, "-n", "1", "-o", "ndjson"]);
  expect(JSON.parse(taken.toString())).toEqual({
    v: 1,
    exchange: "",
    routingKey: the.queue,
    queue: the.queue,
    redelivered: false,
    receivedAt: expect.any(String),
    properties: {
      type: "t",
      priority: 3,
      deliveryMode: 2,
      messageId: expect.any(String),
      timestamp: expect.any(String),
    },
    headers: { n: 7, at: "1970-01-01T00:00:00.000Z" },
    headerTypes: { at: "timestamp" },
    body: "007",
    bodyEncoding: "utf8",
  });
});

test("a message that no queue takes exits with 4, is kept, and goes out when it is published again", async () => {
  const exchange = broker.name("cli-exchange");
  await the.channel.declareExchange(exchange, "direct", {
    durable: true,
    autoDelete: false,
    internal: false,
    arguments: {},
  });
  const failed = join(folder, `${the.queue}.ndjson`);
  const argv = ["publish", "-e", exchange, "-k", "k", "-H", "a=b", "--lines", "--failed-to", failed];
  const first = await the.warren(argv, { stdin: "one\ntwo\n" });
  expect(first.exit).toBe(4);
  expect(first.stderr).toContain(
    `to "${exchange}" with the key "k": returned, no queue takes it (312 NO_ROUTE)`,
  );
  const lines = (await readFile(failed, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject(
    ["one", "two"].map((body) => ({
      body,
      exchange,
      routingKey: "k",
      headers: { a: "b" },
      fate: { status: "returned", stored: "no", replyCode: 312 },
    })),
  );
  await the.channel.bindQueue(the.queue, exchange, "k");
  const second = await the.warren([
    "publish",
    "--input",
    "envelope",
    "--file",
    failed,
    "--failed-to",
    `${failed}.2`,
  ]);
  expect(second.exit).toBe(0);
  const { stdout } = await the.warren(["consume", the.queue, "--until-empty", "-o", "ndjson"]);
  const arrived = stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(arrived.map(({ body, properties }) => [body, properties.messageId])).toEqual(
    lines.map(({ body, properties }) => [body, properties.messageId]),
  );
  await the.channel.deleteExchange(exchange);
});

test("the file of failures cannot be the input too", async () => {
  const file = join(folder, "same.ndjson");
  await the.warren(["publish", "-Q", the.queue, "x", "--failed-to", file]);
  const { exit, stderr } = await the.warren([
    "publish",
    "--input",
    "envelope",
    "--file",
    file,
    "--failed-to",
    file,
  ]);
  expect(exit).toBe(64);
  expect(stderr).toContain("cannot be the input and --failed-to at once");
});

test("ndjson tells what became of each message, json the whole; stdout holds nothing else", async () => {
  const each = await the.warren(["publish", "-Q", the.queue, "--lines", "-o", "ndjson", "-v"], {
    stdin: "a\nb\n",
  });
  const lines = each.stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual(
    [1, 2].map((seq) => ({
      v: 1,
      seq,
      messageId: expect.any(String),
      status: "confirmed",
      attempts: 1,
      latencyMs: expect.any(Number),
    })),
  );
  const whole = await the.warren([
    "publish",
    "-Q",
    broker.name("absent"),
    "x",
    "-o",
    "json",
    "-v",
    "--partial-ok",
  ]);
  expect(whole.exit).toBe(4);
  expect(JSON.parse(whole.stdout.toString())).toMatchObject({
    v: 1,
    published: 1,
    outcomes: { confirmed: 0, returned: 1, nacked: 0, refused: 0, "timed-out": 0, unknown: 0 },
  });
});

test("a queue that refuses exits with 5, a missing exchange with 66, some of them with 3 when that is allowed", async () => {
  const full = broker.name("full");
  await the.channel.declareQueue(full, {
    ...classic,
    arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  const many = ["publish", "-Q", full, "x", "--repeat", "20", "--max-in-flight", "1"];
  expect((await the.warren(many)).exit).toBe(5);
  await the.channel.purgeQueue(full);
  expect((await the.warren([...many, "--partial-ok"])).exit).toBe(3);
  await the.channel.deleteQueue(full);
  expect((await the.warren(["publish", "-e", broker.name("absent"), "x"])).exit).toBe(66);
});

test("a bad line ends it with 65 and its number, after those before it are confirmed", async () => {
  const stdin = '{"body":"a"}\n{"body":"b"}\n{"bdy":"c"}\n{"body":"d"}\n';
  const { exit, stderr } = await the.warren(["publish", "-Q", the.queue, "--input", "envelope"], { stdin });
  expect(exit).toBe(65);
  expect(stderr).toContain("line 3 of stdin has no body");
  expect(await the.ready()).toBe(2);
});

test("--rate spreads messages over time", async () => {
  const startedAt = performance.now();
  await the.warren(["publish", "-Q", the.queue, "x", "--repeat", "21", "--rate", "100/s"]);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
  expect(await the.ready()).toBe(21);
});

test("an interrupt ends the reading, waits for the confirms, and exits with 2 when more was asked", async () => {
  const signals = (send: (signal: "SIGINT") => void) => void setTimeout(() => send("SIGINT"), 300);
  const { exit, stderr } = await the.warren(
    ["publish", "-Q", the.queue, "x", "--repeat", "1000000", "--rate", "100/s"],
    { signals },
  );
  expect(exit).toBe(2);
  const [, confirmed] = /(\d+) confirmed; /.exec(stderr)!;
  expect(await the.ready()).toBe(Number(confirmed));
});

test("an interrupt while a pipe is still open exits with 2, since there may be more; after its end with 0", async () => {
  const lines = new PassThrough();
  lines.write("a\nb\nc");
  let interrupt = (): void => undefined;
  const signals = (send: (signal: "SIGTERM") => void) => (interrupt = () => send("SIGTERM"));
  const outcomes = (chunk: Buffer) => {
    if (String(chunk).includes('"seq":2')) interrupt();
  };
  const open = await the.warren(["publish", "-Q", the.queue, "--lines", "-o", "ndjson", "-q"], {
    stdin: lines,
    signals,
    stdout: outcomes,
  });
  expect(open).toMatchObject({ exit: 2, stderr: "warren: interrupted before the end of the input\n" });
  // The line that was cut off is no message.
  expect(await the.ready()).toBe(2);
  const ended = await the.warren(["publish", "-Q", the.queue, "--lines", "-o", "ndjson"], {
    stdin: "a\nb\n",
    signals,
    stdout: outcomes,
  });
  expect(ended.exit).toBe(0);
});

test.each(["file", "stdin"])("an interrupt with input left exits with 2, also of a %s", async (kind) => {
  const text = "x\n".repeat(100_000);
  const file = join(folder, "many.txt");
  await writeFile(file, text);
  let interrupt = (): void => undefined;
  const { exit } = await the.warren(
    ["publish", "-Q", the.queue, "-l", "-o", "ndjson", ...(kind === "file" ? ["-f", file] : [])],
    {
      ...(kind === "file" ? {} : { stdin: text }),
      signals: (send) => (interrupt = () => send("SIGINT")),
      stdout: () => interrupt(),
    },
  );
  expect(exit).toBe(2);
  const ready = await the.ready();
  expect(ready).toBeGreaterThan(0);
  expect(ready).toBeLessThan(100_000);
});

test("-q still tells what was not confirmed: each failure in words, many of them as a number", async () => {
  const absent = broker.name("absent");
  const hint = "Does the queue exist? Publishing creates none; check the name and --vhost.\n";
  const words = (seq: number) =>
    `warren: message ${seq} to the queue "${absent}": returned, no queue takes it (312 NO_ROUTE)\n`;
  expect(await the.warren(["publish", "-Q", absent, "x", "-q"])).toMatchObject({
    exit: 4,
    stderr: words(1) + hint,
  });
  const many = await the.warren(["publish", "-Q", absent, "-l", "-q"], { stdin: "x\n".repeat(9) });
  expect(many).toMatchObject({
    exit: 4,
    stderr: `${words(1)}${hint}${words(2)}${words(3)}warren: 6 more failed\n`,
  });
});

test("-q --json-errors tells all failures as one object, with the code of the worst", async () => {
  const absent = broker.name("absent");
  const argv = ["publish", "-Q", absent, "-l", "-q", "--json-errors"];
  const returned = await the.warren(argv, { stdin: "a\nb\n" });
  expect(JSON.parse(returned.stderr)).toEqual({
    code: "PUBLISH_RETURNED",
    exit: 4,
    message: expect.stringMatching(/^2 of 2 failed; message 1 to the queue .*312 NO_ROUTE\)$/),
    hint: expect.stringContaining("Does the queue exist?"),
  });
  const refused = await the.warren(["publish", "-e", absent, "x", "-q", "--json-errors"]);
  expect(refused.exit).toBe(66);
  expect(JSON.parse(refused.stderr)).toMatchObject({ exit: 66, message: expect.stringContaining(absent) });
});

test("-q tells a nack, and --json-errors the one among messages that went well", async () => {
  const full = broker.name("full");
  await the.channel.declareQueue(full, {
    ...classic,
    arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  const argv = ["publish", "-Q", full, "x", "-q"];
  await the.warren([...argv, "--repeat", "5", "--max-in-flight", "1"]);
  const nacked = await the.warren(argv);
  expect(nacked.exit).toBe(5);
  expect(nacked.stderr).toMatch(/^warren: message 1 .*nacked, a queue refused it \(is it full\?\)\n$/);
  await the.channel.purgeQueue(full);
  const some = await the.warren([
    ...argv,
    "--repeat",
    "20",
    "--max-in-flight",
    "1",
    "--partial-ok",
    "--json-errors",
  ]);
  expect(some.exit).toBe(3);
  expect(JSON.parse(some.stderr)).toMatchObject({ code: "PUBLISH_NACKED", exit: 3 });
  await the.channel.deleteQueue(full);
});

test("an empty stdin is no message unless the body is given as one", async () => {
  for (const argv of [[], ["--file=-"]]) {
    const { exit, stderr } = await the.warren(["publish", "-Q", the.queue, ...argv]);
    expect(exit).toBe(65);
    expect(stderr).toContain(
      "stdin is empty: nothing to publish\nFor a message with an empty body, give it as",
    );
  }
  expect((await the.warren(["publish", "-Q", the.queue, "--lines"])).exit).toBe(0);
  expect(await the.ready()).toBe(0);
  expect((await the.warren(["publish", "-Q", the.queue, ""])).exit).toBe(0);
  const empty = join(folder, "empty");
  await writeFile(empty, "");
  expect((await the.warren(["publish", "-Q", the.queue, "-f", empty])).exit).toBe(0);
  expect(await the.ready()).toBe(2);
});

test("--failed-to may be a device or a pipe, which no disk is behind", async () => {
  const argv = ["publish", "-Q", broker.name("absent"), "x", "-q", "--failed-to", "/dev/null"];
  expect((await the.warren(argv)).exit).toBe(4);
});

test("a body of 17 MiB is sent: how large one may be is the broker's to say", async () => {
  const file = join(folder, "large");
  await writeFile(file, Buffer.alloc(17 * 1024 * 1024, "x"));
  const { exit, stderr } = await the.warren(["publish", "-Q", the.queue, "-f", file]);
  // RabbitMQ 4 refuses more than 16 MiB by default, earlier ones more than 128.
  if (exit === 0) expect(await the.ready()).toBe(1);
  else expect({ exit, stderr }).toEqual({ exit: 76, stderr: expect.stringContaining("PRECONDITION_FAILED") });
});
