import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { classic, quorum, useQueue } from "../cli.test-support.ts";

const broker = useBroker();
const the = useQueue(broker);

test("prints bodies on a pipe, blocks on a terminal, and a template where one is given", async () => {
  await the.fill("a", "b", "c");
  expect((await the.warren(["consume", the.queue, "-n", "1"])).stdout.toString()).toBe("a\n");
  const terminal = await the.warren(["consume", the.queue, "-n", "1"], { tty: true });
  expect(terminal.stdout.toString()).toContain(`(default exchange) → ${the.queue}`);
  const template = await the.warren(["consume", the.queue, "-n", "1", "--format", "{routingKey}\\t{body}"]);
  expect(template.stdout.toString()).toBe(`${the.queue}\tc\n`);
  expect(await the.ready()).toBe(0);
});

test("takes no more than asked for, and leaves the rest in its order", async () => {
  await the.fill(...Array.from({ length: 100 }, (_, i) => `m${i}`));
  const { exit, stdout } = await the.warren(["consume", the.queue, "-n", "3"]);
  expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "m0\nm1\nm2\n" });
  expect(await the.ready()).toBe(97);
  const rest = await the.warren(["consume", the.queue, "--until-empty"]);
  expect(rest.stdout.toString()).toBe(Array.from({ length: 97 }, (_, i) => `m${i + 3}\n`).join(""));
});

test.each(["classic", "quorum"])("--ack none looks at a %s queue and leaves it as it was", async (type) => {
  const looked = broker.name("look");
  await the.channel.declareQueue(looked, type === "quorum" ? quorum : classic);
  await the.warren(["publish", "-Q", looked, "--lines"], { stdin: "a\nb\nc\nd\n" });
  for (let look = 0; look < 3; look++) {
    const { exit, stdout, stderr } = await the.warren(["consume", looked, "--ack", "none", "-n", "3"]);
    expect({ exit, stdout: stdout.toString(), stderr }).toEqual({
      exit: 0,
      stdout: "a\nb\nc\n",
      stderr: "3 looked at\n",
    });
  }
  expect((await the.warren(["consume", looked, "--until-empty"])).stdout.toString()).toBe("a\nb\nc\nd\n");
  await the.channel.deleteQueue(looked);
});

test("fewer than asked for, or nothing at all, exits with 2", async () => {
  await the.fill("a");
  const some = await the.warren(["consume", the.queue, "-n", "2", "--idle", "200ms"]);
  expect({ exit: some.exit, stdout: some.stdout.toString() }).toEqual({ exit: 2, stdout: "a\n" });
  expect((await the.warren(["consume", the.queue, "--timeout", "200ms"])).exit).toBe(2);
  const empty = await the.warren(["consume", the.queue, "--until-empty", "-o", "json"]);
  expect({ exit: empty.exit, json: JSON.parse(empty.stdout.toString()) }).toEqual({ exit: 2, json: [] });
});

test.each(["classic", "quorum"])(
  "--until-empty takes everything of a %s the.queue, with any prefetch",
  async (type) => {
    const full = broker.name("full");
    await the.channel.declareQueue(full, type === "quorum" ? quorum : classic);
    for (const prefetch of [1, 7, 500]) {
      await the.warren(["publish", "-Q", full, "x", "--repeat", "500"]);
      const { exit, stdout } = await the.warren([
        "consume",
        full,
        "--until-empty",
        "--prefetch",
        String(prefetch),
      ]);
      expect({ exit, lines: stdout.toString().split("\n").length - 1 }).toEqual({ exit: 0, lines: 500 });
    }
    await the.channel.deleteQueue(full);
  },
);

test("--until-empty does not wait for what another consumer holds", async () => {
  await the.fill("held", "free");
  const held = new Promise<void>((resolve) => {
    void the.channel.prefetch(1).then(() =>
      the.channel.consume(the.queue, { consumerTag: "holder" }, (delivery) => {
        if (delivery !== undefined) resolve();
      }),
    );
  });
  await held;
  const { exit, stdout } = await the.warren(["consume", the.queue, "--until-empty"]);
  expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "free\n" });
  await the.channel.cancel("holder");
});

test("--bind listens in with a queue of its own, which is gone afterwards", async () => {
  const exchange = broker.name("events");
  await the.channel.declareExchange(exchange, "topic", {
    durable: true,
    autoDelete: false,
    internal: false,
    arguments: {},
  });
  const running = the.warren([
    "consume",
    "--bind",
    `${exchange}:a.*`,
    "--bind",
    `${exchange}:b`,
    "-n",
    "2",
    "-v",
    "--format",
    "{queue} {body}",
  ]);
  // What is published before the binding exists is returned: so publish until both have arrived.
  const done = running.then(() => true);
  while (!(await Promise.race([done, Promise.resolve(false)]))) {
    await the.warren(["publish", "-e", exchange, "-k", "a.1", "x", "-q"]);
    await the.warren(["publish", "-e", exchange, "-k", "b", "y", "-q"]);
  }
  const { exit, stdout } = await running;
  expect(exit).toBe(0);
  expect(stdout.toString()).toMatch(/^warren\.consume\.\S+ [xy]\nwarren\.consume\.\S+ [xy]\n$/);
  expect((await the.warren(["publish", "-e", exchange, "-k", "b", "z"])).exit).toBe(4);
  await the.channel.deleteExchange(exchange);
});

test("a missing queue or exchange exits with 66, and nothing is created", async () => {
  const absent = broker.name("absent");
  for (const argv of [[absent], ["--bind", `${absent}:k`]]) {
    const { exit, stderr } = await the.warren(["consume", ...argv]);
    expect(exit).toBe(66);
    expect(stderr).toContain(absent);
  }
  expect((await the.warren(["consume", absent])).exit).toBe(66);
});

test("S7: a queue's name cannot act on the terminal, neither in an error nor in its JSON", async () => {
  const name = `${broker.name("absent")}\u001b[2J\u202e`;
  const { stderr } = await the.warren(["consume", name, "-vv"]);
  expect(stderr).toContain("\\e[2J\\u202e");
  const json = await the.warren(["consume", name, "--json-errors"]);
  expect(JSON.parse(json.stderr).message).toContain(name);
  for (const character of ["\u001b", "\u202e"]) expect(stderr + json.stderr).not.toContain(character);
});

test("a queue that is deleted under it ends it with 66", async () => {
  const doomed = broker.name("doomed");
  await the.channel.declareQueue(doomed, classic);
  await the.warren(["publish", "-Q", doomed, "x"]);
  const deleted = () => void the.channel.deleteQueue(doomed);
  const { exit } = await the.warren(["consume", doomed], { stdout: deleted });
  expect(exit).toBe(66);
});

test("an interrupt ends it with 0, or with 2 when a number was asked for", async () => {
  for (const [argv, code] of [
    [[], 0],
    [["-n", "5"], 2],
  ] as const) {
    await the.fill("a", "b");
    let interrupt = (): void => undefined;
    const signals = (send: (signal: "SIGINT") => void) => (interrupt = () => send("SIGINT"));
    let lines = "";
    const stdout = (chunk: Buffer) => {
      lines += chunk.toString();
      if (lines === "a\nb\n") interrupt();
    };
    const { exit } = await the.warren(["consume", the.queue, ...argv], { signals, stdout });
    expect(exit).toBe(code);
    expect(await the.ready()).toBe(0);
  }
});

test("raw and --no-newline give the exact bytes of a body, --null ends it with a NUL, also on a terminal", async () => {
  const body = Buffer.from([0xff, 0x00, 0x0a, 0x0d, 0x41]);
  for (let copy = 0; copy < 5; copy++) await the.warren(["publish", "-Q", the.queue], { stdin: body });
  for (const argv of [["-o", "raw"], ["--no-newline"], ["-o", "raw", "--format", "{body}"]]) {
    const exact = await the.warren(["consume", the.queue, "-n", "1", ...argv]);
    expect(exact.stdout).toEqual(body);
  }
  const ended = await the.warren(["consume", the.queue, "-n", "1", "-0"]);
  expect(ended.stdout).toEqual(Buffer.concat([body, Buffer.from([0])]));
  const shown = await the.warren(["consume", the.queue, "-n", "1", "--no-newline"], { tty: true });
  expect(shown.stdout.toString()).not.toContain("default exchange");
});

test.each([
  ["classic", 77],
  ["quorum", 0],
])("--exclusive on a %s queue that has an exclusive consumer exits with %i", async (type, code) => {
  const taken = broker.name("taken");
  await the.channel.declareQueue(taken, { ...classic, arguments: { "x-queue-type": type } });
  await the.channel.prefetch(1);
  await the.channel.consume(taken, { consumerTag: "first", exclusive: true }, () => undefined);
  // The first takes one message, and the second gets the next where the broker does not hold it off.
  await the.warren(["publish", "-Q", taken, "x", "--repeat", "2"]);
  const { exit } = await the.warren(["consume", taken, "--exclusive", "-n", "1", "--timeout", "5s"]);
  expect(exit).toBe(code);
  await the.channel.cancel("first");
  await the.channel.deleteQueue(taken);
});
