import { diagnostics } from "@warren/message";
import { type FaultProxy, type FrameTap, type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect } from "vitest";
import { connect } from "../connect.ts";
import type { ConnectOptions } from "../connect-options.ts";
import type { Connection } from "../connection.ts";
import { becomes, next, proxyTo, recorded } from "../connection.test-support.ts";
import { defineTopology } from "./define-topology.ts";

const test = await testOnRabbitMq();
const reconnect = { baseMs: 10, maxMs: 100 };
let node: RabbitMqNode;
let proxy: FaultProxy;

beforeAll(async () => {
  node = await startRabbitMq();
  proxy = await proxyTo(node.url);
});
afterAll(async () => {
  await proxy.close();
  await node.close();
});

const topology = defineTopology({
  exchanges: { orders: { type: "topic" }, audit: { type: "fanout" } },
  queues: {
    billing: { retry: { delaysMs: [1_000] }, bindings: [{ exchange: "orders", routingKey: "order.#" }] },
    mine: { type: "classic", exclusive: true, bindings: [{ exchange: "audit" }] },
  },
});
const shared = defineTopology({
  exchanges: { shared: { type: "fanout" } },
  queues: {
    shared: { type: "classic", retry: false, deadLetter: false, bindings: [{ exchange: "shared" }] },
  },
});
const order = { exchange: "shared", routingKey: "", body: Buffer.from("x") };

/** A blank broker on the same port. */
async function wipe(): Promise<void> {
  await node.ctl("stop_app");
  await node.ctl("reset");
  await node.ctl("start_app");
}

/** By way of the proxy, with both sockets at work. */
async function connected(options: ConnectOptions = {}): Promise<Connection> {
  const connection = await connect(proxy.url(node.url), { reconnect, topology: shared, ...options });
  await connection.channels.confirm().publish(order);
  return connection;
}

/** While this is in scope no socket for consumers gets through the proxy. */
function noConsumers(): FrameTap {
  return proxy.frames(({ connection, method, payload }) => {
    if (method === "connection.start-ok" && payload.includes("(consume)")) connection.reset();
  });
}

test("[B33] what is published around a wipe of the broker finds the whole topology again, and nothing is rejected", async () => {
  await using connection = await connect(node.url, { reconnect, topology });
  const channel = connection.channels.confirm();
  const outcomes: string[] = [];
  let isWiped = false;
  const lane = async (exchange: string, routingKey: string): Promise<void> => {
    for (let late = 0; late < 2; late += isWiped ? 1 : 0) {
      const { status } = await channel.publish({ exchange, routingKey, body: Buffer.from("x") });
      outcomes.push(status);
    }
  };
  const lanes = Array.from({ length: 20 }, () => [
    lane("orders", "order.placed"),
    lane("audit", ""),
    lane("", "billing"),
  ]);
  await wipe();
  isWiped = true;
  await Promise.all(lanes.flat());
  expect(new Set(outcomes)).toEqual(new Set(["confirmed"]));
  await connection.check();
  expect(connection.healthy()).toBe(true);
});

test("publishes wait for a declaration that comes later than their own socket", async () => {
  await using connection = await connected();
  const seen: string[] = [];
  using down = noConsumers();
  proxy.reset();
  await down.next("connection.open-ok", "toClient");
  const published = connection.channels.confirm().publish(order);
  using frames = proxy.frames(({ method = "" }) => seen.push(method));
  await frames.next("connection.start-ok", "toServer");
  expect(seen).not.toContain("basic.publish");
  down[Symbol.dispose]();
  await expect(published).resolves.toMatchObject({ status: "confirmed" });
  expect(seen.indexOf("queue.bind-ok")).toBeGreaterThan(0);
  expect(seen.indexOf("queue.bind-ok")).toBeLessThan(seen.indexOf("basic.publish"));
});

test("publishes go on after startupTimeoutMs when the socket for declarations does not come back", async () => {
  await using connection = await connected({ startupTimeoutMs: 500 });
  using down = noConsumers();
  proxy.reset();
  await down.next("connection.open-ok", "toClient");
  await expect(connection.channels.confirm().publish(order)).resolves.toMatchObject({ status: "confirmed" });
  expect(connection.channels.socket("consume").state.kind).toBe("reconnecting");
});

test("a socket for publishes that was lost alone costs the other one a channel, and no declaration", async () => {
  await using connection = await connect(proxy.url(node.url), { reconnect, topology: shared });
  const channel = connection.channels.confirm();
  await channel.publish(order);
  using frames = proxy.frames();
  connection.channels.socket("publish").cut(new Error("cut by the test"));
  await expect(channel.publish(order)).resolves.toMatchObject({ status: "confirmed" });
  expect(frames.count("connection.open-ok")).toBe(1);
  expect(frames.count("channel.open")).toBe(2);
  expect(frames.count("exchange.declare")).toBe(0);
});

test("close does not wait for a topology that cannot be declared", async () => {
  const connection = await connected({ closeTimeoutMs: 500 });
  using down = noConsumers();
  proxy.reset();
  await down.next("connection.open-ok", "toClient");
  const published = connection.channels.confirm().publish(order);
  await connection.close();
  await expect(published).resolves.toMatchObject({ status: "refused", stored: "no" });
});

test("[B13] a refused re-declaration is not healthy, tells why, and holds nobody up; declare mends it", async () => {
  await node.addUser({ name: "demoted", password: "d" });
  const url = `amqp://demoted:d@127.0.0.1:${node.port}`;
  await using connection = await connect(url, { reconnect, topology: shared });
  const channel = connection.channels.confirm();
  await channel.publish(order);
  await node.setPermissions("demoted", { configure: "^$" });
  using closed = recorded<{ channel: string; error: { code: string }; rebuilding: boolean }>(
    diagnostics.channelClosed,
  );
  await node.closeAllConnections();
  await closed.until((events) => events.some(({ channel }) => channel === "topology"));
  await expect(channel.publish(order)).resolves.toMatchObject({ status: "confirmed" });
  expect(closed.events.filter(({ channel }) => channel === "topology")).toMatchObject([
    { error: { code: "BROKER_ACCESS_REFUSED" }, rebuilding: false },
  ]);
  expect(connection.state.kind).toBe("open");
  expect(connection.healthy()).toBe(false);
  await node.setPermissions("demoted", {});
  await connection.declare();
  expect(connection.healthy()).toBe(true);
});

test("with declare: check publishes wait until somebody else has declared what is missing", async () => {
  await using owner = await connect(node.url, { reconnect });
  await owner.declare(shared);
  await using connection = await connect(node.url, { reconnect, topology: shared, declare: "check" });
  const channel = connection.channels.confirm();
  await channel.publish(order);
  using closed = recorded<{ channel: string; error: { code: string } }>(diagnostics.channelClosed);
  const lost = next(owner, "reconnecting");
  await node.deleteQueue("shared");
  await node.closeAllConnections();
  const published = channel.publish(order);
  await closed.until((events) => events.filter(({ error }) => error.code === "BROKER_NOT_FOUND").length >= 2);
  expect(connection.healthy()).toBe(false);
  await lost;
  await becomes(owner, "open");
  await owner.declare(shared);
  await expect(published).resolves.toMatchObject({ status: "confirmed" });
  expect(connection.healthy()).toBe(true);
});
