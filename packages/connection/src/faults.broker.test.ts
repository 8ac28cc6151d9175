import { ConnectionError, diagnostics } from "@warren/message";
import type { FaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { becomes, next, proxyTo, recorded, rejection } from "./connection.test-support.ts";

const broker = useBroker();
const reconnect = { baseMs: 10, maxMs: 100 };
let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await proxyTo(broker.url);
});
afterEach(() => proxy.close());

/** A consumer of a queue of its own, and the changes that it hears of. */
async function consuming(connection: Connection): Promise<{ readonly heard: string[]; up(): Promise<void> }> {
  const queue = broker.name("q");
  const heard: string[] = [];
  let told = (): void => undefined;
  const up = (): Promise<void> => new Promise((resolve) => (told = resolve));
  const first = up();
  connection.channels.consume({
    queue,
    prefetch: 1,
    prepare: async (channel) => {
      await channel.declareQueue(queue, { durable: false, exclusive: true, autoDelete: true, arguments: {} });
    },
    delivered: () => undefined,
    up: () => {
      heard.push("up");
      told();
    },
    down: () => heard.push("down"),
    failed: () => heard.push("failed"),
  });
  await first;
  return { heard, up };
}

describe("a lost connection", () => {
  test.each([
    ["a TCP reset", () => proxy.reset()],
    ["an orderly end of the stream", () => proxy.fin()],
    ["a half-closed stream", () => proxy.fin("toClient")],
    [
      "a socket that Warren itself gives up",
      (c: Connection) => c.channels.socket("consume").cut(new Error("gone")),
    ],
  ])("[N1, N4] %s brings the consumers back without an error for anyone", async (_what, cut) => {
    await using connection = await connect(proxy.url(broker.url), { reconnect });
    const consumer = await consuming(connection);
    const back = consumer.up();
    const lost = next(connection, "reconnecting");
    cut(connection);
    expect((await lost).error).toMatchObject({ code: "CONNECTION_LOST" });
    await back;
    expect(consumer.heard).toEqual(["up", "down", "up"]);
    expect(connection.healthy()).toBe(true);
  });

  test("[N5] a black hole is noticed within three heartbeats, and its socket is gone", async () => {
    const heartbeatSeconds = 2;
    await using connection = await connect(proxy.url(broker.url), { reconnect, heartbeatSeconds });
    await consuming(connection);
    const [first] = proxy.connections;
    const lost = next(connection, "reconnecting");
    first!.blackHole();
    const startedAt = performance.now();
    const { error } = await lost;
    const noticedMs = performance.now() - startedAt;
    expect(error).toMatchObject({ code: "HEARTBEAT_MISSED", context: { heartbeatSeconds } });
    expect(noticedMs).toBeGreaterThan(heartbeatSeconds * 1_000);
    expect(noticedMs).toBeLessThan(3 * heartbeatSeconds * 1_000);
    await becomes(connection, "open");
    first!.heal();
    await first!.closed;
  });

  test("heartbeat 0 watches nothing", async () => {
    using stalls = recorded(diagnostics.stall);
    await using connection = await connect(proxy.url(broker.url), { heartbeatSeconds: 0 });
    const until = performance.now() + 300;
    while (performance.now() < until);
    await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
    expect(stalls.events).toEqual([]);
  });

  test("[N9] one-byte segments make no difference", async () => {
    proxy.segment({ bytes: 1 });
    await using connection = await connect(proxy.url(broker.url));
    await consuming(connection);
    await expect(
      connection.channels
        .confirm()
        .publish({ exchange: "amq.fanout", routingKey: "", body: Buffer.alloc(3_000) }),
    ).resolves.toMatchObject({ status: "returned" });
  });

  test("[N11, N17] a broker that is refused or cut again and again is tried with growing pauses", async () => {
    using failed = recorded(diagnostics.connectFailed);
    using states = recorded<{ to: string }>(diagnostics.connectionState);
    await using connection = await connect(proxy.url(broker.url), {
      reconnect: { baseMs: 40, maxMs: 300 },
      random: () => 1,
    });
    const startedAt = performance.now();
    for (let cuts = 0; cuts < 8; cuts++) {
      const open = next(connection, "open");
      proxy.reset();
      await open;
    }
    const flappingMs = performance.now() - startedAt;
    // 40, 80, 160, 300, 300, …: no connection lasted, so no pause began anew.
    expect(flappingMs).toBeGreaterThan(40 + 80 + 160 + 5 * 300);
    expect(states.events.filter(({ to }) => to === "open").length).toBeGreaterThanOrEqual(9);
    proxy.refuse();
    proxy.reset();
    const before = failed.events.length;
    const refusedAt = performance.now();
    await failed.until((events) => events.length - before >= 4);
    expect(performance.now() - refusedAt).toBeGreaterThan(3 * 300);
  });
});

describe("a peer that is no broker", () => {
  test("[N12] one that accepts and says nothing ends the attempt at connectTimeoutMs", async () => {
    proxy.holdHandshake();
    const startedAt = performance.now();
    const error = await rejection(
      connect(proxy.url(broker.url), { connectTimeoutMs: 300, startupTimeoutMs: 1_000, reconnect }),
    );
    expect(error).toMatchObject({ code: "CONNECT_TIMEOUT", cause: { code: "HANDSHAKE_TIMEOUT" } });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("[N12] a connection outlives the deadline of the attempt that made it", async () => {
    using frames = proxy.frames();
    await using connection = await connect(proxy.url(broker.url), {
      connectTimeoutMs: 500,
      heartbeatSeconds: 1,
      reconnect,
    });
    // RabbitMQ sends two a second.
    for (let heartbeats = 0; heartbeats < 3; heartbeats++)
      await frames.next(({ type }) => type === "heartbeat", "toClient");
    expect(connection.state.kind).toBe("open");
    expect(proxy.acceptedCount).toBe(1);
  });

  test("[N13] an HTTP server is told from a broker", async () => {
    proxy.answer();
    const error = await rejection(connect(proxy.url(broker.url), { startupTimeoutMs: 300, reconnect }));
    expect(error).toMatchObject({ code: "CONNECT_TIMEOUT", cause: { code: "PROTOCOL_MISMATCH" } });
    expect(error.message).toContain("an HTTP server");
  });

  test("once the broker is there, the connection is made", async () => {
    proxy.holdHandshake();
    const connecting = connect(proxy.url(broker.url), { connectTimeoutMs: 200, reconnect });
    using failed = recorded(diagnostics.connectFailed);
    await failed.until((events) => events.length > 0);
    await proxy.heal();
    await using connection = await connecting;
    expect(connection.state.kind).toBe("open");
  });
});

describe("channels", () => {
  test("[B8] a publish to a missing exchange disturbs no other channel", async () => {
    await using connection = await connect(proxy.url(broker.url), { reconnect });
    const consumer = await consuming(connection);
    using frames = proxy.frames();
    using closed = recorded<{ channel: string }>(diagnostics.channelClosed);
    const [one, other] = [
      connection.channels.confirm({ name: "one" }),
      connection.channels.confirm({ name: "other" }),
    ];
    const good = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
    await other.publish(good);
    await expect(one.publish({ ...good, exchange: broker.name("missing") })).resolves.toMatchObject({
      status: "refused",
      stored: "no",
    });
    await expect(other.publish(good)).resolves.toMatchObject({ status: "confirmed", attempts: 1 });
    expect(consumer.heard).toEqual(["up"]);
    expect(frames.count("connection.close")).toBe(0);
    expect(closed.events.filter(({ channel }) => channel === "other")).toEqual([]);
    expect(proxy.connections).toHaveLength(2);
  });

  test("[B10] a queue that another connection holds is waited for, and consumed when it is free", async () => {
    const queue = broker.name("exclusive");
    const declare = { durable: false, exclusive: true, autoDelete: false, arguments: {} };
    await using holder = await connect(broker.url);
    await holder.channels.withChannel((channel) => channel.declareQueue(queue, declare));
    await using connection = await connect(proxy.url(broker.url), { reconnect });
    using closed = recorded<{ error: { code: string }; rebuilding: boolean }>(diagnostics.channelClosed);
    const up = new Promise<void>((resolve) => {
      connection.channels.consume({
        queue,
        prefetch: 1,
        prepare: async (channel) => void (await channel.declareQueue(queue, declare)),
        delivered: () => undefined,
        up: () => resolve(),
      });
    });
    await closed.until((events) => events.length >= 2);
    expect(closed.events[0]).toMatchObject({ error: { code: "BROKER_RESOURCE_LOCKED" }, rebuilding: true });
    await holder.close();
    await up;
  });

  test("a channel that is given up while it is set up is made anew", async () => {
    await using connection = await connect(broker.url, { reconnect });
    const generations: number[] = [];
    await new Promise<void>((resolve) => {
      const channel = connection.channels.supervise("consume", {
        name: "given up",
        confirm: false,
        setup: async (wire, generation) => {
          await wire.checkExchange("amq.fanout");
          if (generation === 1) void channel.renew(new ConnectionError("CHANNEL_LOST", "its queue is gone"));
        },
        up: (_wire, generation) => {
          generations.push(generation);
          resolve();
        },
        down: () => undefined,
        failed: () => undefined,
      });
    });
    expect(generations).toEqual([2]);
  });

  test("an RPC that is not answered is RPC_TIMEOUT, and its channel is made anew", async () => {
    await using connection = await connect(proxy.url(broker.url), { reconnect, rpcTimeoutMs: 300 });
    const downs: string[] = [];
    let up = (): void => undefined;
    const isUp = (): Promise<void> => new Promise((resolve) => (up = resolve));
    const first = isUp();
    const channel = connection.channels.supervise("consume", {
      name: "rpc",
      confirm: false,
      up: () => up(),
      down: (error) => downs.push(error.code),
      failed: () => undefined,
    });
    await first;
    const again = isUp();
    proxy.blackHole("toServer");
    const error = await rejection(channel.channel!.checkExchange("amq.fanout"));
    expect(error).toMatchObject({ code: "RPC_TIMEOUT", context: { what: "exchange.declare" } });
    proxy.resume("toServer");
    await again;
    expect(proxy.acceptedCount).toBe(1);
    expect(downs).toEqual(["RPC_TIMEOUT"]);
    await channel.channel!.checkExchange("amq.fanout");
  });
});

test("channels that are never answered do not use up the numbers: the connection is made anew", async () => {
  await using connection = await connect(proxy.url(broker.url), { reconnect, rpcTimeoutMs: 100 });
  const lost = next(connection, "reconnecting");
  proxy.blackHole("toServer");
  const errands = Array.from({ length: 16 }, () =>
    rejection(connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"))),
  );
  expect((await lost).error).toMatchObject({ message: expect.stringContaining("16 channels") as string });
  for (const error of await Promise.all(errands)) expect(error.code).toBe("RPC_TIMEOUT");
  await proxy.heal();
  await becomes(connection, "open");
  await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
});

test("[C13] the event loop's stall is reported, and does not cost the connection", async () => {
  using stalls = recorded<{ connection: string; stalledMs: number }>(diagnostics.stall);
  const name = broker.name("stalled");
  await using connection = await connect(broker.url, { heartbeatSeconds: 1, name });
  const until = performance.now() + 1_600;
  while (performance.now() < until);
  await stalls.until((events) => events.some(({ connection: whose }) => whose === name));
  const stall = stalls.events.find(({ connection: whose }) => whose === name);
  expect(stall?.stalledMs).toBeGreaterThan(500);
  await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
  expect(connection.state.kind).toBe("open");
});
