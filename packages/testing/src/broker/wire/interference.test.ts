import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { VirtualHost } from "../model/virtual-host.ts";
import { versionRules } from "../version.ts";
import { Accounts } from "./accounts.ts";
import { BrokerServer } from "./broker-server.ts";
import type { ConfirmFate, ConnectionControl, Interference } from "./interference.ts";
import { RawClient } from "./raw-client.test-support.ts";
import { ReplyAddresses } from "./reply-addresses.ts";
import { serverProperties } from "./server-properties.ts";

let interference: Interference;
let server: BrokerServer;
let client: RawClient;

beforeEach(async () => {
  interference = {};
  const rules = versionRules["3.10"];
  server = await BrokerServer.listen({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    broker: {
      rules,
      clock: systemClock,
      vhosts: new Map([["/", new VirtualHost("/", { rules, clock: systemClock })]]),
      accounts: new Accounts({ guest: { password: "guest" } }, rules),
      replyAddresses: new ReplyAddresses(),
      interference,
      serverProperties: serverProperties(rules),
      heartbeatSeconds: 0,
      frameMaxBytes: 131_072,
      channelMax: 0,
    },
  });
  client = await RawClient.open({
    port: server.port,
    capabilities: ["consumer_cancel_notify", "connection.blocked"],
  });
  await client.declare("q");
});
afterEach(async () => {
  client.end();
  await server.close();
});

const connection = (): ConnectionControl => server.connections[0]!;

async function confirmSelect(): Promise<void> {
  client.send(1, "confirm.select", { noWait: false });
  await client.next("confirm.select-ok");
}

test("a publish can be refused before it is routed", async () => {
  interference.publishing = ({ message }) => (message.body.toString() === "bad" ? "refuse" : "route");
  await confirmSelect();
  client.atOnce(() => {
    client.publish({ routingKey: "q" }, "good");
    client.publish({ routingKey: "q" }, "bad");
  });
  expect((await client.next("basic.ack")).arguments.deliveryTag).toBe(1);
  expect((await client.next("basic.nack")).arguments.deliveryTag).toBe(2);
  expect(await client.declare("q")).toMatchObject({ messageCount: 1 });
});

test("a confirm can be dropped and turned into a nack, and the others still come", async () => {
  const fates: ConfirmFate[] = ["drop", "nack"];
  interference.confirming = () => fates.shift() ?? "send";
  await confirmSelect();
  client.atOnce(() => {
    for (let index = 0; index < 3; index += 1) client.publish({ routingKey: "q" });
  });
  expect((await client.next("basic.nack")).arguments).toMatchObject({ deliveryTag: 2, multiple: false });
  expect((await client.next("basic.ack")).arguments).toEqual({ deliveryTag: 3, multiple: false });
  await client.settled();
});

test("a channel that is closed while a publish is at hand hears nothing more of it", async () => {
  interference.confirming = ({ channel }) => {
    channel.close(406, "PRECONDITION_FAILED - for a test");
    return "send";
  };
  await confirmSelect();
  client.publish({ routingKey: "nowhere", mandatory: true });
  await client.next("channel.close");
  await client.openChannel(2);
  expect(client.received).toEqual([]);
});

test("a delivery can come twice, and each copy is acked by itself", async () => {
  interference.delivering = () => 2;
  client.publish({ routingKey: "q" }, "twin");
  client.consume("q", "c");
  await client.next("basic.consume-ok");
  expect(await client.delivery()).toMatchObject({ tag: 1, body: "twin", redelivered: false });
  expect(await client.delivery()).toMatchObject({ tag: 2, body: "twin", redelivered: false });
  client.send(1, "basic.reject", { deliveryTag: 2, requeue: true });
  await client.settled();
  client.ack(1);
  await client.settled();
  client.send(1, "channel.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
  await client.next("channel.close-ok");
  await client.openChannel(1);
  expect(await client.declare("q")).toMatchObject({ messageCount: 0 });
});

test("bytes can be cut anywhere", async () => {
  const pieces: number[] = [];
  interference.writing = (_, bytes) => {
    const cut = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    pieces.push(cut.length);
    return cut;
  };
  const chunks: number[] = [];
  client.socket.on("data", (chunk) => chunks.push(chunk.length));
  client.publish({ routingKey: "q" }, "torn");
  client.get("q");
  await client.next("basic.get-ok");
  expect(await client.content()).toBe("torn");
  expect(pieces).toHaveLength(1);
  expect(chunks.reduce((sum, length) => sum + length, 0)).toBe(pieces[0]);
  expect(chunks.length).toBeGreaterThan(1);
});

test("a channel can be closed with any code", async () => {
  for (const channel of connection().channels) channel.close(313, "NO_CONSUMERS - for the test");
  expect((await client.next("channel.close")).arguments).toEqual({
    replyCode: 313,
    replyText: "NO_CONSUMERS - for the test",
    classId: 0,
    methodId: 0,
  });
  client.send(1, "channel.close-ok", {});
  await client.openChannel(1);
});

test("a connection can be closed with any code, and cut", async () => {
  const other = await RawClient.open({ port: server.port });
  server.connections[1]!.destroy();
  await other.next("end");
  connection().close(320, "CONNECTION_FORCED - for the test");
  expect((await client.next("connection.close")).arguments.replyText).toBe(
    "CONNECTION_FORCED - for the test",
  );
  expect(server.connections).toEqual([]);
});

test("consumers can be cancelled, and their messages go to others", async () => {
  client.consume("q", "one");
  client.consume("q", "two");
  await client.next("basic.consume-ok");
  await client.next("basic.consume-ok");
  const [channel] = [...connection().channels];
  expect(channel!.cancelConsumers()).toBe(2);
  expect((await client.next("basic.cancel")).arguments.consumerTag).toBe("one");
  expect((await client.next("basic.cancel")).arguments.consumerTag).toBe("two");
  client.publish({ routingKey: "q" });
  expect(await client.declare("q")).toMatchObject({ messageCount: 1, consumerCount: 0 });
});

describe("a blocked connection", () => {
  test("is told with its next publish, and read no more until it is unblocked", async () => {
    connection().block("low on memory");
    await client.settled();
    client.atOnce(() => {
      client.publish({ routingKey: "q" }, "the last");
      client.publish({ routingKey: "q" }, "held");
      client.send(1, "channel.flow", { active: true });
    });
    expect((await client.next("connection.blocked")).arguments).toEqual({ reason: "low on memory" });
    const other = await RawClient.open({ port: server.port });
    expect(await other.declare("q")).toMatchObject({ messageCount: 1 });
    expect(client.received).toEqual([]);

    connection().block(undefined);
    await client.next("connection.unblocked");
    await client.next("channel.flow-ok");
    expect(await other.declare("q")).toMatchObject({ messageCount: 2 });
    other.end();
  });

  test("that publishes nothing goes on", async () => {
    connection().block("low on memory");
    await client.settled();
    connection().block(undefined);
    await expect(client.settled()).resolves.toBeUndefined();
  });

  test("that understands nothing of it is told nothing", async () => {
    const simple = await RawClient.open({ port: server.port, capabilities: [] });
    const control = server.connections[1]!;
    control.block("low on memory");
    simple.publish({ routingKey: "q" });
    simple.send(1, "channel.flow", { active: true });
    await client.settled();
    control.block(undefined);
    expect(await simple.any()).toMatchObject({ name: "channel.flow-ok" });
    simple.end();
  });

  test("ends like any other", async () => {
    connection().block("low on memory");
    client.publish({ routingKey: "q" });
    await client.next("connection.blocked");
    const ended = new Promise((resolve) => {
      client.socket.on("close", resolve);
    });
    client.socket.end();
    await ended;
    const other = await RawClient.open({ port: server.port });
    expect(server.connections).toHaveLength(1);
    other.end();
  });
});
