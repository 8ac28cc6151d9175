import { type ChildProcess, spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { proxyTo } from "./connection.test-support.ts";

const broker = useBroker();
const program = fileURLToPath(new URL("./close-program.test-support.ts", import.meta.url));
let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await proxyTo(broker.url);
});
afterEach(() => proxy.close());

interface Run {
  readonly child: ChildProcess;
  readonly said: string[];
  readonly says: (word: string) => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

function run(mode: string, url: string = broker.url): Run {
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions", "dev", program, url, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => said.push(...text.trim().split("\n")));
  return {
    child,
    said,
    says: async (word) => {
      while (!said.includes(word)) await once(child.stdout, "data");
    },
    ended: once(child, "close").then(([code, signal]) => ({ code, signal }) as never),
  };
}

describe("close", () => {
  test("leaves nothing that keeps the process alive", async () => {
    const { said, ended } = run("close");
    await expect(ended).resolves.toEqual({ code: 0, signal: null });
    expect(said.at(-1)).toBe("closed");
  });

  test("closeOnSignals finishes, closes and lets the signal end the process", async () => {
    const { child, said, says, ended } = run("signals");
    await says("ready");
    child.kill("SIGTERM");
    await expect(ended).resolves.toEqual({ code: null, signal: "SIGTERM" });
    expect(said).toContain("finishing: confirmed");
  });

  test("a second signal ends at once a process that is held up", async () => {
    const { child, says, ended } = run("stuck");
    await says("ready");
    child.kill("SIGTERM");
    await says("stuck");
    const startedAt = performance.now();
    child.kill("SIGINT");
    await expect(ended).resolves.toEqual({ code: null, signal: "SIGINT" });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  test("says so where others listen to the signal, too, and the process goes on", async () => {
    const { child, said, says, ended } = run("others");
    await says("ready");
    child.kill("SIGTERM");
    await says("finishing: confirmed");
    const goesOn = (word: string): boolean => word.includes("others listen to SIGTERM, too");
    while (!said.some(goesOn)) await once(child.stdout!, "data");
    expect(said.find(goesOn)).toContain("connection.closeOnSignals({ after:");
    expect(child.exitCode).toBeNull();
    child.kill("SIGKILL");
    await ended;
  });

  test("ends the process after `after`, whoever else listens, in the order of the shutdown", async () => {
    const { child, said, says, ended } = run("others-after");
    await says("ready");
    child.kill("SIGTERM");
    await expect(ended).resolves.toEqual({ code: 143, signal: null });
    expect(said.slice(-4)).toEqual([
      "another listener",
      "before: open",
      "finishing: confirmed",
      "after: closed",
    ]);
  });

  test("ends the process though `before` fails, and says that it did", async () => {
    const { child, said, says, ended } = run("others-failing");
    await says("ready");
    child.kill("SIGTERM");
    await expect(ended).resolves.toEqual({ code: 143, signal: null });
    expect(said.find((word) => word.startsWith("warning"))).toContain("the server does not close");
    expect(said.at(-1)).toBe("after: closed");
  });

  test("a second signal ends at once a process that `after` holds up, whoever else listens", async () => {
    const { child, says, ended } = run("others-stuck");
    await says("ready");
    child.kill("SIGTERM");
    await says("after: closed");
    child.kill("SIGTERM");
    await expect(ended).resolves.toEqual({ code: 143, signal: null });
  });

  test("two connections that both close on signals are no others to each other", async () => {
    const { child, said, says, ended } = run("two");
    await says("ready");
    child.kill("SIGTERM");
    await expect(ended).resolves.toEqual({ code: null, signal: "SIGTERM" });
    expect(said.filter((word) => word.startsWith("warning"))).toEqual([]);
  });

  test.each([
    [{ signals: ["SIGTERMM"] }, /signals\[0\]/],
    [{ after: 3 }, /after must be a function/],
    [{ afterwards: () => undefined }, /unknown option "afterwards"/],
  ])("refuses %o for closeOnSignals", async (options, problem) => {
    await using connection = await connect(broker.url);
    expect(() => connection.closeOnSignals(options as never)).toThrow(problem);
  });

  test.each([Infinity, Number.NaN, -1, "5000"])(
    "refuses timeoutMs: %s, and can still be closed",
    async (given) => {
      const connection = await connect(broker.url);
      const channel = connection.channels.confirm();
      const timeoutMs = given as number;
      for (const target of [connection, channel])
        await expect(target.close({ timeoutMs })).rejects.toMatchObject({ code: "INVALID_OPTION" });
      await expect(channel.flush({ timeoutMs })).rejects.toMatchObject({ code: "INVALID_OPTION" });
      expect(connection.state.kind).toBe("open");
      await connection.close();
    },
  );

  test("no signal is listened to before closeOnSignals is called", async () => {
    const { child, said, says, ended } = run("none");
    await says("ready");
    child.kill("SIGTERM");
    await expect(ended).resolves.toEqual({ code: null, signal: "SIGTERM" });
    expect(said).toContain("listeners: 0");
    expect(said).not.toContain("finishing: confirmed");
  });

  test("leaves no listener on the signal of a status that is read to its end", async () => {
    const { signal } = new AbortController();
    const connection = await connect(broker.url);
    const changes = connection.status({ signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await connection.close();
    for await (const _ of changes);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("takes its signal listeners away, also those of many connections", async () => {
    const before = process.listenerCount("SIGTERM");
    for (let count = 0; count < 3; count++) {
      const connection = await connect(broker.url);
      connection.closeOnSignals({ signals: ["SIGTERM"] });
      expect(process.listenerCount("SIGTERM")).toBe(before + 1);
      await connection.close();
    }
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });

  test("lets consumers finish before publishers flush, and then closes both sockets in order", async () => {
    const connection = await connect(proxy.url(broker.url));
    const publisher = connection.channels.confirm();
    const toNobody = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
    await publisher.publish(toNobody);
    const statuses: string[] = [];
    await new Promise<void>((resolve) => {
      connection.channels.consume({
        queue: "amq.rabbitmq.reply-to",
        noAck: true,
        prefetch: 0,
        delivered: () => undefined,
        up: () => resolve(),
        closing: async () => {
          for (let count = 0; count < 10; count++) statuses.push((await publisher.publish(toNobody)).status);
        },
        failed: ({ code }) => statuses.push(code),
      });
    });
    using frames = proxy.frames();
    await connection.close();
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => "confirmed"), "CONNECTION_CLOSED"]);
    await frames.passed(2, "connection.close-ok", "toClient");
    expect(frames.count("connection.close", "toServer")).toBe(2);
  });

  test("returns within its deadline when the broker is a black hole, with the sockets gone", async () => {
    const connection = await connect(proxy.url(broker.url));
    await connection.channels
      .confirm()
      .publish({ exchange: "amq.fanout", routingKey: "", body: Buffer.from("x") });
    const gone = proxy.connections.map(({ closed }) => closed);
    expect(gone).toHaveLength(2);
    proxy.blackHole();
    const startedAt = performance.now();
    await connection.close({ timeoutMs: 600 });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(connection.state.kind).toBe("closed");
    await proxy.heal();
    await Promise.all(gone);
  });

  test("leaves nothing that keeps the process alive when the broker is a black hole", async () => {
    const { child, says, ended } = run("told", proxy.url(broker.url));
    await says("ready");
    proxy.blackHole();
    child.kill("SIGUSR2");
    await says("closed");
    const closedAt = performance.now();
    await expect(ended).resolves.toEqual({ code: 0, signal: null });
    expect(performance.now() - closedAt).toBeLessThan(3_000);
  });

  test.each([
    ["while it is refused", () => proxy.refuse()],
    ["during the handshake", () => proxy.holdHandshake()],
  ])("[C35] close %s ends the attempts at once", async (_when, spoil) => {
    const connection = await connect(proxy.url(broker.url), { reconnect: { baseMs: 20, maxMs: 5_000 } });
    spoil();
    proxy.reset();
    for await (const { to } of connection.status()) if (to === "reconnecting") break;
    const startedAt = performance.now();
    await connection.close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  test("a participant that never finishes does not hold it up", async () => {
    const connection = await connect(broker.url);
    connection.channels.supervise("consume", {
      name: "stubborn",
      confirm: false,
      up: () => undefined,
      down: () => undefined,
      failed: () => undefined,
      closing: () => new Promise(() => undefined),
    });
    const startedAt = performance.now();
    await connection.close({ timeoutMs: 400 });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  test("[C35] at any moment, with the link cut at any moment, it ends and settles everything", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const runs = Array.from({ length: 40 }, (_, index) => closeSomewhere(seededRandom(seed + index)));
    const slowestMs = Math.max(...(await Promise.all(runs)));
    // What waits for an answer that cannot come waits for closeTimeoutMs; what is merely slow does not take half of it.
    expect(slowestMs, `seed ${seed}`).toBeLessThan(10_000);
    await Promise.all(proxy.connections.map(({ closed }) => closed));
  });
});

/** @returns how long close took. */
async function closeSomewhere(random: () => number): Promise<number> {
  const pause = (atMostMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, random() * atMostMs));
  const abort = new AbortController();
  const reason = new Error("given up");
  if (random() < 0.3) void pause(40).then(() => abort.abort(reason));
  let connection: Connection;
  try {
    connection = await connect(proxy.url(broker.url), {
      signal: abort.signal,
      reconnect: { baseMs: 1, maxMs: 20 },
      closeTimeoutMs: 20_000,
    });
  } catch (error) {
    if (error === reason) return 0;
    throw error;
  }
  const publisher = connection.channels.confirm();
  const toNobody = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
  const publishes = Array.from({ length: 5 }, () => publisher.publish(toNobody));
  const errand = connection.channels
    .withChannel((channel) => channel.checkExchange("amq.fanout"))
    .catch(() => undefined);
  await pause(30);
  if (random() < 0.4) {
    proxy.reset();
    await pause(15);
  }
  const startedAt = performance.now();
  await connection.close();
  const tookMs = performance.now() - startedAt;
  await Promise.all([...publishes, errand]);
  return tookMs;
}

/** The same numbers for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
