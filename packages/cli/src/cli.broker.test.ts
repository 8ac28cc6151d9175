import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WireChannel } from "@warren/connection";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import { bytesOf, classic, cli, type CliInput, openChannel, quorum, shell, spawnCli } from "./cli.test-support.ts";

const broker = useBroker();
let channel: WireChannel;
let close: () => Promise<void>;
let folder: string;
let queue: string;

beforeAll(async () => {
  ({ channel, close } = await openChannel(broker.url));
  folder = await mkdtemp(join(tmpdir(), "warren-cli-"));
});

afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  queue = broker.name("cli");
  await channel.declareQueue(queue, classic);
});

afterEach(async () => {
  await channel.deleteQueue(queue);
});

async function warren(argv: readonly string[], input: CliInput = {}) {
  return cli(argv, { ...input, env: { AMQP_URL: broker.url, ...input.env } });
}

async function ready(): Promise<number> {
  return (await channel.checkQueue(queue)).messageCount;
}

async function fill(...bodies: string[]): Promise<void> {
  const { exit } = await warren(["publish", "-Q", queue, "--lines"], { stdin: bodies.join("\n") });
  expect(exit).toBe(0);
}

describe("publish", () => {
  test("a body goes to a queue, with its headers and properties", async () => {
    const argv = ["publish", "-Q", queue, "007", "-H", "n:int=7", "-H", "at:time=0", "-p", "type=t", "-p", "priority=3"];
    const { exit, stdout, stderr } = await warren(argv);
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "" });
    expect(stderr).toMatch(/^1 published: 1 confirmed; /);
    const { stdout: taken } = await warren(["consume", queue, "-n", "1", "-o", "ndjson"]);
    expect(JSON.parse(taken.toString())).toEqual({
      v: 1,
      exchange: "",
      routingKey: queue,
      queue,
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
    await channel.declareExchange(exchange, "direct", { durable: true, autoDelete: false, internal: false, arguments: {} });
    const failed = join(folder, `${queue}.ndjson`);
    const argv = ["publish", "-e", exchange, "-k", "k", "-H", "a=b", "--lines", "--failed-to", failed];
    const first = await warren(argv, { stdin: "one\ntwo\n" });
    expect(first.exit).toBe(4);
    expect(first.stderr).toContain(`to "${exchange}" with the key "k": returned, no queue takes it (312 NO_ROUTE)`);
    const lines = (await readFile(failed, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
    expect(lines).toMatchObject(
      ["one", "two"].map((body) => ({ body, exchange, routingKey: "k", headers: { a: "b" }, fate: { status: "returned", stored: "no", replyCode: 312 } })),
    );
    await channel.bindQueue(queue, exchange, "k");
    const second = await warren(["publish", "--input", "envelope", "--file", failed, "--failed-to", `${failed}.2`]);
    expect(second.exit).toBe(0);
    const { stdout } = await warren(["consume", queue, "--until-empty", "-o", "ndjson"]);
    const arrived = stdout.toString().trim().split("\n").map((line) => JSON.parse(line));
    expect(arrived.map(({ body, properties }) => [body, properties.messageId])).toEqual(
      lines.map(({ body, properties }) => [body, properties.messageId]),
    );
    await channel.deleteExchange(exchange);
  });

  test("the file of failures cannot be the input too", async () => {
    const file = join(folder, "same.ndjson");
    await warren(["publish", "-Q", queue, "x", "--failed-to", file]);
    const { exit, stderr } = await warren(["publish", "--input", "envelope", "--file", file, "--failed-to", file]);
    expect(exit).toBe(64);
    expect(stderr).toContain("cannot be the input and --failed-to at once");
  });

  test("ndjson tells what became of each message, json the whole; stdout holds nothing else", async () => {
    const each = await warren(["publish", "-Q", queue, "--lines", "-o", "ndjson", "-v"], { stdin: "a\nb\n" });
    const lines = each.stdout.toString().trim().split("\n").map((line) => JSON.parse(line));
    expect(lines).toEqual([1, 2].map((seq) => ({
      v: 1, seq, messageId: expect.any(String), status: "confirmed", attempts: 1, latencyMs: expect.any(Number),
    })));
    const whole = await warren(["publish", "-Q", broker.name("absent"), "x", "-o", "json", "-v", "--partial-ok"]);
    expect(whole.exit).toBe(4);
    expect(JSON.parse(whole.stdout.toString())).toMatchObject({
      v: 1,
      published: 1,
      outcomes: { confirmed: 0, returned: 1, nacked: 0, refused: 0, "timed-out": 0, unknown: 0 },
    });
  });

  test("a queue that refuses exits with 5, a missing exchange with 66, some of them with 3 when that is allowed", async () => {
    const full = broker.name("full");
    await channel.declareQueue(full, { ...classic, arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
    const many = ["publish", "-Q", full, "x", "--repeat", "20", "--max-in-flight", "1"];
    expect((await warren(many)).exit).toBe(5);
    await channel.purgeQueue(full);
    expect((await warren([...many, "--partial-ok"])).exit).toBe(3);
    await channel.deleteQueue(full);
    expect((await warren(["publish", "-e", broker.name("absent"), "x"])).exit).toBe(66);
  });

  test("a bad line ends it with 65 and its number, after those before it are confirmed", async () => {
    const stdin = '{"body":"a"}\n{"body":"b"}\n{"bdy":"c"}\n{"body":"d"}\n';
    const { exit, stderr } = await warren(["publish", "-Q", queue, "--input", "envelope"], { stdin });
    expect(exit).toBe(65);
    expect(stderr).toContain("line 3 of stdin has no body");
    expect(await ready()).toBe(2);
  });

  test("--rate spreads messages over time", async () => {
    const startedAt = performance.now();
    await warren(["publish", "-Q", queue, "x", "--repeat", "21", "--rate", "100/s"]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
    expect(await ready()).toBe(21);
  });

  test("an interrupt ends the reading, waits for the confirms, and exits with 2 when more was asked", async () => {
    const signals = (send: (signal: "SIGINT") => void) => void setTimeout(() => send("SIGINT"), 300);
    const { exit, stderr } = await warren(["publish", "-Q", queue, "x", "--repeat", "1000000", "--rate", "100/s"], { signals });
    expect(exit).toBe(2);
    const [, confirmed] = /(\d+) confirmed; /.exec(stderr)!;
    expect(await ready()).toBe(Number(confirmed));
  });
});

describe("consume", () => {
  test("prints bodies on a pipe, blocks on a terminal, and a template where one is given", async () => {
    await fill("a", "b", "c");
    expect((await warren(["consume", queue, "-n", "1"])).stdout.toString()).toBe("a\n");
    const terminal = await warren(["consume", queue, "-n", "1"], { tty: true });
    expect(terminal.stdout.toString()).toContain(`(default exchange) → ${queue}`);
    const template = await warren(["consume", queue, "-n", "1", "--format", "{routingKey}\\t{body}"]);
    expect(template.stdout.toString()).toBe(`${queue}\tc\n`);
    expect(await ready()).toBe(0);
  });

  test("takes no more than asked for, and leaves the rest in its order", async () => {
    await fill(...Array.from({ length: 100 }, (_, i) => `m${i}`));
    const { exit, stdout } = await warren(["consume", queue, "-n", "3"]);
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "m0\nm1\nm2\n" });
    expect(await ready()).toBe(97);
    const rest = await warren(["consume", queue, "--until-empty"]);
    expect(rest.stdout.toString()).toBe(Array.from({ length: 97 }, (_, i) => `m${i + 3}\n`).join(""));
  });

  test.each(["classic", "quorum"])("--ack none looks at a %s queue and leaves it as it was", async (type) => {
    const looked = broker.name("look");
    await channel.declareQueue(looked, type === "quorum" ? quorum : classic);
    await warren(["publish", "-Q", looked, "--lines"], { stdin: "a\nb\nc\nd\n" });
    for (let look = 0; look < 3; look++) {
      const { exit, stdout } = await warren(["consume", looked, "--ack", "none", "-n", "3"]);
      expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "a\nb\nc\n" });
    }
    expect((await warren(["consume", looked, "--until-empty"])).stdout.toString()).toBe("a\nb\nc\nd\n");
    await channel.deleteQueue(looked);
  });

  test("fewer than asked for, or nothing at all, exits with 2", async () => {
    await fill("a");
    const some = await warren(["consume", queue, "-n", "2", "--idle", "200ms"]);
    expect({ exit: some.exit, stdout: some.stdout.toString() }).toEqual({ exit: 2, stdout: "a\n" });
    expect((await warren(["consume", queue, "--timeout", "200ms"])).exit).toBe(2);
    const empty = await warren(["consume", queue, "--until-empty", "-o", "json"]);
    expect({ exit: empty.exit, json: JSON.parse(empty.stdout.toString()) }).toEqual({ exit: 2, json: [] });
  });

  test.each(["classic", "quorum"])("--until-empty takes everything of a %s queue, with any prefetch", async (type) => {
    const full = broker.name("full");
    await channel.declareQueue(full, type === "quorum" ? quorum : classic);
    for (const prefetch of [1, 7, 500]) {
      await warren(["publish", "-Q", full, "x", "--repeat", "500"]);
      const { exit, stdout } = await warren(["consume", full, "--until-empty", "--prefetch", String(prefetch)]);
      expect({ exit, lines: stdout.toString().split("\n").length - 1 }).toEqual({ exit: 0, lines: 500 });
    }
    await channel.deleteQueue(full);
  });

  test("--bind listens in with a queue of its own, which is gone afterwards", async () => {
    const exchange = broker.name("events");
    await channel.declareExchange(exchange, "topic", { durable: true, autoDelete: false, internal: false, arguments: {} });
    const running = warren(["consume", "--bind", `${exchange}:a.*`, "--bind", `${exchange}:b`, "-n", "2", "-v", "--format", "{queue} {body}"]);
    // What is published before the binding exists is returned: so publish until both have arrived.
    let done = false;
    void running.finally(() => (done = true));
    while (!done) {
      await warren(["publish", "-e", exchange, "-k", "a.1", "x", "-q"]);
      await warren(["publish", "-e", exchange, "-k", "b", "y", "-q"]);
    }
    const { exit, stdout } = await running;
    expect(exit).toBe(0);
    expect(stdout.toString()).toMatch(/^warren\.consume\.\S+ [xy]\nwarren\.consume\.\S+ [xy]\n$/);
    expect((await warren(["publish", "-e", exchange, "-k", "b", "z"])).exit).toBe(4);
    await channel.deleteExchange(exchange);
  });

  test("a missing queue or exchange exits with 66, and nothing is created", async () => {
    const absent = broker.name("absent");
    for (const argv of [[absent], ["--bind", `${absent}:k`]]) {
      const { exit, stderr } = await warren(["consume", ...argv]);
      expect(exit).toBe(66);
      expect(stderr).toContain(absent);
    }
    expect((await warren(["consume", absent])).exit).toBe(66);
  });

  test("a queue that is deleted under it ends it with 66", async () => {
    const doomed = broker.name("doomed");
    await channel.declareQueue(doomed, classic);
    await warren(["publish", "-Q", doomed, "x"]);
    const deleted = () => void channel.deleteQueue(doomed);
    const { exit } = await warren(["consume", doomed], { stdout: deleted });
    expect(exit).toBe(66);
  });

  test("an interrupt ends it with 0, or with 2 when a number was asked for", async () => {
    for (const [argv, code] of [[[], 0], [["-n", "5"], 2]] as const) {
      await fill("a", "b");
      let interrupt = (): void => undefined;
      const signals = (send: (signal: "SIGINT") => void) => (interrupt = () => send("SIGINT"));
      let lines = "";
      const stdout = (chunk: Buffer) => {
        lines += chunk.toString();
        if (lines === "a\nb\n") interrupt();
      };
      const { exit } = await warren(["consume", queue, ...argv], { signals, stdout });
      expect(exit).toBe(code);
      expect(await ready()).toBe(0);
    }
  });
});

describe("a message that went through", () => {
  test("ten thousand lines come out as they went in, to the byte, through publish and consume", async () => {
    const lines = Array.from({ length: 9_994 }, (_, i) => Buffer.from(`line ${i}`));
    lines.push(Buffer.from("crlf\r"), Buffer.alloc(0), Buffer.from("nul\0nul"), Buffer.alloc(1024 * 1024, "x"), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from("ü"));
    const input = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
    const published = await warren(["publish", "-Q", queue, "--lines"], { stdin: input });
    expect(published.exit).toBe(0);
    const { exit, stdout } = await warren(["consume", queue, "-n", "10000"]);
    expect(exit).toBe(0);
    expect(stdout.equals(input)).toBe(true);
    expect(await ready()).toBe(0);
  });

  test("NUL framing carries line breaks", async () => {
    await warren(["publish", "-Q", queue, "--null"], { stdin: "a\nb\0\0c\0" });
    const { stdout } = await warren(["consume", queue, "-n", "3", "--null"]);
    expect(stdout.toString()).toBe("a\nb\0\0c\0");
  });

  test("an envelope goes round without a change", async () => {
    const line = {
      properties: { contentType: "x/y", correlationId: "007", expiration: "60000", messageId: "m", timestamp: "2026-01-31T12:00:00.000Z", deliveryMode: 1 },
      headers: { list: [1, "/wA="], table: { deep: { at: "1970-01-01T00:00:00.000Z" } }, big: 9007199254740991 },
      headerTypes: { list: { "1": "bytes" }, table: { deep: { at: "timestamp" } } },
      body: "/w==",
      bodyEncoding: "base64",
    };
    const argv = ["publish", "-Q", queue, "--input", "envelope"];
    expect((await warren(argv, { stdin: JSON.stringify(line) })).exit).toBe(0);
    const first = (await warren(["consume", queue, "-n", "1", "-o", "ndjson"])).stdout;
    expect(JSON.parse(first.toString())).toMatchObject(line);
    await warren(argv, { stdin: first });
    const second = (await warren(["consume", queue, "-n", "1", "-o", "ndjson"])).stdout;
    const { receivedAt: _a, ...once } = JSON.parse(first.toString());
    const { receivedAt: _b, ...twice } = JSON.parse(second.toString());
    expect(twice).toEqual(once);
  });
});

describe("as a process", () => {
  test("consume | head -3 ends with 0 and without a stack trace, and the queue loses at most what head has read", async () => {
    await fill(...Array.from({ length: 1_000 }, (_, i) => `m${i}`));
    const { stdout, stderr } = await shell(
      `warren consume "${queue}" 2>&1 >&3 3>&- | cat >&2; :`.replace("2>&1 >&3 3>&- | cat >&2; :", '| head -3; echo "exit ${PIPESTATUS[0]}"'),
      { AMQP_URL: broker.url },
    );
    expect(stdout.toString()).toBe("m0\nm1\nm2\nexit 0\n");
    expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
    expect(await ready()).toBeGreaterThanOrEqual(997);
  });

  test("a consumer that is killed between output and ack shows the message again", async () => {
    await fill("a", "b", "c");
    // Nobody reads its stdout: so the pause of the first write is the time between output and ack.
    const child = spawnCli(["consume", queue], { AMQP_URL: broker.url });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    const { stdout } = await warren(["consume", queue, "-n", "3", "--timeout", "10s"]);
    expect(stdout.toString()).toBe("a\nb\nc\n");
  });

  test("SIGTERM lets it finish and exits with 0; nothing that was printed comes again", async () => {
    await fill("a", "b");
    const child = spawnCli(["consume", queue], { AMQP_URL: broker.url });
    let lines = "";
    child.stdout.on("data", (chunk: Buffer) => {
      lines += chunk.toString();
      if (lines === "a\nb\n") child.kill("SIGTERM");
    });
    const [exit] = (await Promise.all([new Promise((resolve) => child.once("close", resolve))])) as [number];
    expect({ exit, lines, ready: await ready() }).toEqual({ exit: 0, lines: "a\nb\n", ready: 0 });
  });

  test("S8: a password from the environment or a file is in no argument, and in no output", async () => {
    const { stdout, stderr } = await shell(
      `warren publish -Q "${queue}" x -vv --user guest & pid=$!
       while kill -0 $pid 2>/dev/null; do cat /proc/$pid/cmdline /proc/$pid/task/*/children 2>/dev/null | tr '\\0' ' '; echo; done
       wait $pid; echo "exit $?"; ps -eo args`,
      { AMQP_URL: broker.url.replace(/:[^:@/]*@/, ":canary-url@"), WARREN_PASSWORD: "guest-canary" },
    );
    expect(stdout.toString()).toContain("exit 77");
    expect(stdout.toString() + stderr).not.toContain("canary");
  });
});

test("errors of the connection have exit codes of their own, and hints", async () => {
  const url = new URL(broker.url);
  const at = (change: (changed: URL) => void): string => {
    const changed = new URL(url);
    change(changed);
    return changed.href;
  };
  const cases: readonly (readonly [string, number, RegExp])[] = [
    [at((u) => (u.password = "wrong-canary")), 77, /refuses the login/],
    [at((u) => (u.port = "1")), 69, /nothing listens/],
    [at((u) => (u.pathname = "/no-such-vhost")), 77, /no such vhost/],
    [at((u) => (u.protocol = "amqps:")).replace("amqp://", "amqps://"), 69, /does not speak TLS; use/],
    ["amqp://host.invalid", 69, /host\.invalid/],
    ["http://localhost", 64, /begins with amqp/],
  ];
  for (const [bad, exit, words] of cases) {
    const plain = await cli(["consume", queue, "--url", bad]);
    expect({ bad, exit: plain.exit, stderr: plain.stderr }).toEqual({ bad, exit, stderr: expect.stringMatching(words) });
    expect(plain.stderr).not.toMatch(/^\s+at |canary/m);
    const json = await cli(["consume", queue, "--url", bad, "--json-errors"]);
    expect(JSON.parse(json.stderr)).toMatchObject({ exit, code: expect.any(String), message: expect.stringMatching(words) });
  }
});
