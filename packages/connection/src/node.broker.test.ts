import { inspect } from "node:util";
import { diagnostics } from "@warren/message";
import { type FaultProxy, type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { becomes, next, proxyTo, recorded, rejection } from "./connection.test-support.ts";
import type { Credentials } from "./socket/login.ts";
import { defineTopology } from "./topology/define-topology.ts";

const test = await testOnRabbitMq();
const reconnect = { baseMs: 10, maxMs: 200 };
const toNobody = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
let node: RabbitMqNode;
let proxy: FaultProxy;

beforeAll(async () => {
  node = await startRabbitMq({
    users: [
      { name: "rotated", password: "canary-old" },
      {
        name: "writer",
        password: "w",
        permissions: { "/": { configure: "^$", write: "^orders$", read: "^$" } },
      },
      {
        name: "reader",
        password: "r",
        permissions: { "/": { configure: "^$", write: "^$", read: "^mine$" } },
      },
      { name: "limited", password: "l" },
      { name: "stranger", password: "s", permissions: {} },
    ],
  });
  proxy = await proxyTo(node.url);
});
afterAll(async () => {
  await proxy.close();
  await node.close();
});

function urlOf(user: string, password: string, vhost = ""): string {
  return `amqp://${user}:${password}@127.0.0.1:${node.port}/${vhost}`;
}

const classic = { durable: true, exclusive: false, autoDelete: false, arguments: {} };

/** A consumer of a queue that it does not declare. */
function consumerOf(connection: Connection, queue: string) {
  let told = (): void => undefined;
  const nextUp = (): Promise<void> => new Promise((resolve) => (told = resolve));
  const up = nextUp();
  let failing = (_error: unknown): void => undefined;
  const failed = new Promise<unknown>((resolve) => (failing = resolve));
  const channel = connection.channels.consume({
    queue,
    prefetch: 1,
    delivered: () => undefined,
    up: () => told(),
    failed: (error) => failing(error),
  });
  return { channel, up, nextUp, failed };
}

describe("the broker", () => {
  test("[B1] a restart is a reconnect and no error for anyone; consumers are back", async () => {
    await using connection = await connect(node.url, { reconnect });
    const queue = "survivor";
    const changes: string[] = [];
    let told = (): void => undefined;
    const up = (): Promise<void> => new Promise((resolve) => (told = resolve));
    const first = up();
    connection.channels.consume({
      queue,
      prefetch: 1,
      prepare: async (channel) => {
        await channel.declareQueue(queue, {
          durable: true,
          exclusive: false,
          autoDelete: false,
          arguments: {},
        });
      },
      delivered: () => undefined,
      up: () => (changes.push("up"), told()),
      down: () => changes.push("down"),
      failed: () => changes.push("failed"),
    });
    await first;
    const lost = next(connection, "reconnecting");
    const back = up();
    await node.ctl("stop_app");
    await node.ctl("start_app");
    expect((await lost).error).toMatchObject({
      code: "CONNECTION_LOST",
      context: { replyCode: 320 },
      message: expect.stringContaining("CONNECTION_FORCED") as string,
    });
    await back;
    expect(changes).toEqual(["up", "down", "up"]);
    expect(connection.healthy()).toBe(true);
    await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
  });

  test("a connection that the broker's operator closes comes back", async () => {
    await using connection = await connect(node.url, { reconnect });
    const lost = next(connection, "reconnecting");
    await node.closeAllConnections("maintenance");
    expect((await lost).error).toMatchObject({ message: expect.stringContaining("maintenance") as string });
    await becomes(connection, "open");
  });

  test("[B4] a broker that is frozen is given up after two heartbeats and found again when it thaws", async () => {
    await using connection = await connect(node.url, {
      reconnect,
      heartbeatSeconds: 1,
      connectTimeoutMs: 500,
    });
    const lost = next(connection, "reconnecting");
    node.pause();
    expect((await lost).error).toMatchObject({ code: "HEARTBEAT_MISSED" });
    node.resume();
    await becomes(connection, "open");
    await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
  });

  test("[B28] a vhost that goes down and comes up again is waited for", async () => {
    await node.addVhost("shaky");
    await using connection = await connect(urlOf("guest", "guest", "shaky"), { reconnect });
    using failed = recorded<{ error: { code: string } }>(diagnostics.connectFailed);
    await node.evalErlang(`rabbit_vhost_sup_sup:stop_and_delete_vhost(<<"shaky">>)`);
    await node.evalErlang(
      `rabbit_networking:close_connections(rabbit_networking:connections(), <<"vhost down">>)`,
    );
    await failed.until((events) => events.some(({ error }) => error.code === "VHOST_DOWN"));
    expect(connection.healthy()).toBe(false);
    await node.evalErlang(`rabbit_vhost_sup_sup:start_vhost(<<"shaky">>)`);
    await becomes(connection, "open");
    await connection.close();
    await node.deleteVhost("shaky");
  });

  test("a memory alarm is the state blocked while consumers go on, and open again after it", async () => {
    await using connection = await connect(node.url, { reconnect });
    using events = recorded<{ reason: string | undefined }>(diagnostics.blocked);
    const channel = connection.channels.confirm();
    await channel.publish(toNobody);
    await node.memoryAlarm(true);
    const held = channel.publish(toNobody);
    await becomes(connection, "blocked");
    expect(connection.state).toEqual({
      kind: "blocked",
      reason: expect.stringContaining("memory") as string,
    });
    expect(connection.healthy()).toBe(false);
    await connection.channels.withChannel((wire) => wire.checkExchange("amq.fanout"));
    await node.memoryAlarm(false);
    await becomes(connection, "open");
    await expect(held).resolves.toMatchObject({ status: "confirmed" });
    expect(events.events.map(({ reason }) => reason === undefined)).toEqual([false, true]);
  });

  test("[B7] close returns within its deadline while the broker blocks", async () => {
    const connection = await connect(node.url, { reconnect });
    const channel = connection.channels.confirm();
    await channel.publish(toNobody);
    await node.memoryAlarm(true);
    const held = channel.publish(toNobody);
    await becomes(connection, "blocked");
    const startedAt = performance.now();
    await connection.close({ timeoutMs: 1_000 });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await expect(held).resolves.toMatchObject({ status: expect.stringMatching(/unknown|refused/) as string });
    await node.memoryAlarm(false);
  });
});

describe("logins", () => {
  test("[B34] a rotated password is found by asking the provider at each attempt", async () => {
    let password = "canary-old";
    let asked = 0;
    const credentials = (): Promise<Credentials> => {
      asked++;
      return Promise.resolve({ username: "rotated", password });
    };
    await using connection = await connect(`amqp://127.0.0.1:${node.port}`, { credentials, reconnect });
    using failed = recorded<{ error: { code: string } }>(diagnostics.connectFailed);
    await node.setPassword("rotated", "canary-new");
    await node.closeAllConnections();
    await failed.until((events) => events.some(({ error }) => error.code === "ACCESS_REFUSED"));
    password = "canary-new";
    await becomes(connection, "open");
    expect(asked).toBeGreaterThanOrEqual(3);
    for (const value of [connection, connection.channels.socket("consume"), failed.events])
      expect(inspect(value, { depth: 20, showHidden: true, getters: true })).not.toContain("canary");
  });

  test("a provider that fails for a while is waited for", async () => {
    let asked = 0;
    const credentials = (): Credentials => {
      if (++asked < 3) throw new Error("the vault is sealed");
      return { username: "guest", password: "guest" };
    };
    await using connection = await connect(`amqp://127.0.0.1:${node.port}`, { credentials, reconnect });
    expect(connection.state.kind).toBe("open");
    expect(asked).toBe(3);
  });

  test("a user without permissions in the vhost is VHOST_ACCESS_REFUSED, at once", async () => {
    expect((await rejection(connect(urlOf("stranger", "s")))).code).toBe("VHOST_ACCESS_REFUSED");
  });

  test("[B14] a limit of connections is CONNECTION_LIMIT, and is waited for", async () => {
    await node.ctl("set_user_limits", "limited", `{"max-connections": 1}`);
    const first = await connect(urlOf("limited", "l"));
    using failed = recorded<{ error: { code: string } }>(diagnostics.connectFailed);
    const connecting = connect(urlOf("limited", "l"), { reconnect });
    await failed.until((events) => events.some(({ error }) => error.code === "CONNECTION_LIMIT"));
    await first.close();
    await using second = await connecting;
    expect(second.state.kind).toBe("open");
  });

  test("S9: a write-only publisher and a read-only consumer need nothing more", async () => {
    await using admin = await connect(node.url);
    await admin.channels.withChannel(async (channel) => {
      const options = { durable: true, autoDelete: false, arguments: {} };
      await channel.declareExchange("orders", "fanout", { ...options, internal: false });
      await channel.declareQueue("mine", { ...options, exclusive: false });
      await channel.bindQueue("mine", "orders", "");
    });
    await using writer = await connect(urlOf("writer", "w"));
    await using reader = await connect(urlOf("reader", "r"));
    const topology = defineTopology({ exchanges: { orders: { type: "fanout" } } });
    await reader.check(topology);
    const delivered = new Promise<string>((resolve) => {
      const consumer = reader.channels.consume({
        queue: "mine",
        prefetch: 1,
        delivered: ({ content, fields }, generation) => {
          consumer.ack(generation, fields.deliveryTag, false);
          resolve(content.toString());
        },
      });
    });
    const orders = { exchange: "orders", routingKey: "", body: Buffer.from("order") };
    await expect(writer.channels.confirm().publish(orders)).resolves.toMatchObject({ status: "confirmed" });
    await expect(delivered).resolves.toBe("order");
    const refused = await writer.channels.confirm().publish({ ...orders, exchange: "amq.topic" });
    expect(refused).toMatchObject({ status: "refused", error: { code: "BROKER_ACCESS_REFUSED" } });
    await reader.close();
    await admin.channels.withChannel((channel) => channel.deleteQueue("mine"));
  });

  test("[B13] a permission that is gone at the next set-up fails the consumer for good, without a storm", async () => {
    await node.addUser({ name: "demoted", password: "d", permissions: { "/": {} } });
    await using connection = await connect(urlOf("demoted", "d"), { reconnect });
    await connection.channels.withChannel((channel) => channel.declareQueue("demoted", classic));
    const consumer = consumerOf(connection, "demoted");
    await consumer.up;
    await node.setPermissions("demoted", { configure: ".*", write: ".*", read: "^$" });
    using closed = recorded<{ rebuilding: boolean }>(diagnostics.channelClosed);
    connection.channels.socket("consume").cut(new Error("cut by the test"));
    await expect(consumer.failed).resolves.toMatchObject({ code: "BROKER_ACCESS_REFUSED" });
    await becomes(connection, "open");
    expect(connection.healthy()).toBe(false);
    expect(closed.events.filter(({ rebuilding }) => !rebuilding)).toHaveLength(1);
    await connection.channels.withChannel((channel) => channel.deleteQueue("demoted"));
    await consumer.channel.close();
    expect(connection.healthy()).toBe(true);
  });

  test("[B9] a queue that is gone at the next set-up is looked for with pauses, and consumed when it is back", async () => {
    await using connection = await connect(node.url, { reconnect });
    await connection.channels.withChannel((channel) => channel.declareQueue("fickle", classic));
    const consumer = consumerOf(connection, "fickle");
    await consumer.up;
    using closed = recorded<{ error: { code: string }; rebuilding: boolean }>(diagnostics.channelClosed);
    using states = recorded(diagnostics.connectionState);
    const again = consumer.nextUp();
    await node.deleteQueue("fickle");
    await closed.until(
      (events) => events.filter(({ error }) => error.code === "BROKER_NOT_FOUND").length >= 3,
    );
    expect(closed.events.every(({ rebuilding }) => rebuilding)).toBe(true);
    await connection.channels.withChannel((channel) => channel.declareQueue("fickle", classic));
    await again;
    expect(states.events).toEqual([]);
    await consumer.channel.close();
    await connection.channels.withChannel((channel) => channel.deleteQueue("fickle"));
  });

  test("S10: a user id that is not the sender's own is refused by the broker", async () => {
    await using connection = await connect(node.url, { reconnect });
    const channel = connection.channels.confirm();
    const spoofed = await channel.publish({ ...toNobody, userId: "somebody-else" });
    expect(spoofed).toMatchObject({ status: "refused", error: { code: "BROKER_PRECONDITION_FAILED" } });
    await expect(channel.publish({ ...toNobody, userId: "guest" })).resolves.toMatchObject({
      status: "confirmed",
    });
  });
});

describe("many faults", () => {
  test("[N1, N17] fifty cuts leak no connection, channel, consumer, listener or handle", async () => {
    const handles = (): number => process.getActiveResourcesInfo().length;
    const before = handles();
    const connection = await connect(proxy.url(node.url), { reconnect: { baseMs: 1, maxMs: 5 } });
    let told = (): void => undefined;
    const up = (): Promise<void> => new Promise((resolve) => (told = resolve));
    let ready = up();
    const queue = "cut";
    connection.channels.consume({
      queue,
      prefetch: 1,
      prepare: async (channel) => {
        await channel.declareQueue(queue, {
          durable: true,
          exclusive: false,
          autoDelete: false,
          arguments: {},
        });
      },
      delivered: () => undefined,
      up: () => told(),
    });
    const publisher = connection.channels.confirm();
    await ready;
    await publisher.publish(toNobody);
    const settled = handles();
    for (let cuts = 0; cuts < 50; cuts++) {
      ready = up();
      proxy.reset();
      await ready;
      await expect(publisher.publish(toNobody)).resolves.toMatchObject({ status: "confirmed" });
    }
    for (const kind of ["consume", "publish"] as const)
      expect(connection.channels.socket(kind).users.size).toBe(1);
    expect(handles()).toBeLessThanOrEqual(settled + 2);
    const counted = async (what: string): Promise<number> => {
      const lines = (await node.ctl("-q", what)).trim().split("\n");
      return lines.filter((line) => line !== "" && !/^(pid|user|queue)/.test(line)).length;
    };
    expect(await counted("list_connections")).toBe(2);
    expect(await counted("list_channels")).toBe(2);
    expect(await counted("list_consumers")).toBe(1);
    await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
    const gone = proxy.connections.map(({ closed }) => closed);
    await connection.close();
    await Promise.all(gone);
    expect(handles()).toBeLessThanOrEqual(before);
  });

  test("fifty channel errors leave the connection and every other channel alone", async () => {
    await using connection = await connect(node.url, { reconnect: { baseMs: 1, maxMs: 5 } });
    using states = recorded<{ to: string; connection: string }>(diagnostics.connectionState);
    for (let errors = 0; errors < 50; errors++) {
      const error = await rejection(
        connection.channels.withChannel((channel) => channel.checkQueue("no-such-queue")),
      );
      expect(error.code).toBe("BROKER_NOT_FOUND");
    }
    await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
    expect(states.events).toEqual([]);
  });
});
