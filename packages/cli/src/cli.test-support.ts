import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, Readable, type Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { connect, type Connection, type WireChannel } from "@warren/connection";
import type { TestBroker } from "@warren/testing/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { runCli } from "./cli.ts";
import type { Io } from "./io.ts";

export interface CliResult {
  readonly exit: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface CliInput {
  /** A stream stays open until its owner ends it. */
  readonly stdin?: string | Buffer | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** Called once with what sends a signal. */
  readonly signals?: (send: (signal: "SIGINT" | "SIGTERM") => void) => void;
  readonly stdout?: (chunk: Buffer) => void;
}

/** Runs a command line in this process, with streams of its own. */
export async function cli(argv: readonly string[], input: CliInput = {}): Promise<CliResult> {
  const given = input.stdin ?? "";
  const stdin = Object.assign(
    given instanceof Readable
      ? given
      : Readable.from(given.length === 0 ? [] : [Buffer.from(given as string)]),
    { isTTY: input.tty ?? false },
  );
  const stdout = Object.assign(new PassThrough({ highWaterMark: 1 << 28 }), { isTTY: input.tty ?? false });
  const stderr = new PassThrough();
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => {
    out.push(chunk);
    input.stdout?.(chunk);
  });
  stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const io: Io = {
    stdin,
    stdout,
    stderr,
    env: input.env ?? {},
    stdoutIsPipe: false,
    onSignal: (received) => {
      input.signals?.(received);
      return () => undefined;
    },
    kill: () => undefined,
  };
  const exit = await runCli(argv, io);
  await new Promise(setImmediate);
  return { exit, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const main = fileURLToPath(new URL("main.ts", import.meta.url));

export type CliProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** What starts the CLI as a process of its own, from its source. */
export const cliCommand: readonly string[] = [process.execPath, "-C", "dev", "--import", "tsx", main];

export function spawnCli(argv: readonly string[], env: Readonly<Record<string, string>>): CliProcess {
  const [node, ...flags] = cliCommand;
  return spawn(node!, [...flags, ...argv], {
    cwd: root,
    env: environment(env),
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** The same through a shell, where a pipe is a pipe; `warren` stands for the command. */
export async function shell(script: string, env: Readonly<Record<string, string>>): Promise<CliResult> {
  const quoted = cliCommand.map((word) => `'${word}'`).join(" ");
  const child = spawn("bash", ["-c", `warren() { ${quoted} "$@"; }\n${script}`], {
    cwd: root,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([
    bytesOf(child.stdout),
    bytesOf(child.stderr),
    once(child, "close"),
  ]);
  return { exit: child.exitCode ?? -1, stdout, stderr: stderr.toString() };
}

function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...env };
}

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface TestQueue {
  /** A new, empty classic queue for each test. */
  readonly queue: string;
  /** To make other things, and to count. */
  readonly channel: WireChannel;
  ready(): Promise<number>;
  /** Publishes these bodies to the queue. */
  fill(...bodies: readonly string[]): Promise<void>;
  /** {@link cli}, told where the broker is. */
  warren(argv: readonly string[], input?: CliInput): Promise<CliResult>;
}

export function useQueue(broker: Pick<TestBroker, "url" | "name">): TestQueue {
  let connection: Connection;
  let channel: WireChannel;
  let queue: string;
  const warren = (argv: readonly string[], input: CliInput = {}): Promise<CliResult> =>
    cli(argv, { ...input, env: { AMQP_URL: broker.url, ...input.env } });
  beforeAll(async () => {
    connection = await connect(broker.url, { name: "cli tests" });
    channel = await new Promise<WireChannel>((resolve, reject) => {
      connection.channels.supervise("consume", {
        name: "test",
        confirm: false,
        up: (opened) => resolve(opened),
        down: () => undefined,
        failed: reject,
      });
    });
  });
  beforeEach(async () => {
    queue = broker.name("cli");
    await channel.declareQueue(queue, classic);
  });
  afterEach(async () => {
    await channel.deleteQueue(queue);
  });
  afterAll(async () => {
    await connection.close();
  });
  return {
    get queue() {
      return queue;
    },
    get channel() {
      return channel;
    },
    ready: async () => (await channel.checkQueue(queue)).messageCount,
    fill: async (...bodies) => {
      const { exit } = await warren(["publish", "-Q", queue, "--lines"], { stdin: bodies.join("\n") });
      expect(exit).toBe(0);
    },
    warren,
  };
}

type QueueOptions = Parameters<WireChannel["declareQueue"]>[1];

export const classic: QueueOptions = { durable: true, exclusive: false, autoDelete: false, arguments: {} };
export const quorum: QueueOptions = { ...classic, arguments: { "x-queue-type": "quorum" } };
