import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { RawClient } from "./raw-client.test-support.ts";

const closing = { replyCode: 200, replyText: "bye", classId: 0, methodId: 0 };
let broker: EmbeddedBroker;
let client: RawClient;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  client = await RawClient.open({ port: broker.port });
});
afterEach(() => client.end());

describe("a channel that the broker has closed", () => {
  beforeEach(async () => {
    client.get("nothing");
    expect((await client.next("channel.close")).arguments).toEqual({
      replyCode: 404,
      replyText: "NOT_FOUND - no queue 'nothing' in vhost '/'",
      classId: 60,
      methodId: 70,
    });
  });

  test("leaves the others alone", async () => {
    await client.openChannel(2);
    await expect(client.settled(2)).resolves.toBeUndefined();
  });

  test("ignores everything until it is answered, and can be opened again then", async () => {
    client.publish({ exchange: "nowhere" });
    client.get("nothing");
    client.send(1, "channel.close-ok", {});
    await client.openChannel(1);
    await expect(client.settled()).resolves.toBeUndefined();
  });

  test("answers a close that crossed its own, and is closed by the client's answer", async () => {
    client.send(1, "channel.close", closing);
    await client.next("channel.close-ok");
    client.send(1, "channel.close-ok", {});
    await expect(client.openChannel(1)).resolves.toBeUndefined();
  });

  test("cannot be opened before it is answered", async () => {
    client.send(1, "channel.open", {});
    const { arguments: close } = await client.next("connection.close");
    expect(close).toMatchObject({
      replyCode: 504,
      replyText: "CHANNEL_ERROR - second 'channel.open' seen",
      classId: 20,
      methodId: 10,
    });
  });
});

test("a channel that the client has closed can be opened again", async () => {
  client.send(1, "channel.close", closing);
  await client.next("channel.close-ok");
  await client.openChannel(1);
  await expect(client.settled()).resolves.toBeUndefined();
});

test("channel.flow is answered, and refused where it would stop the broker", async () => {
  await client.settled();
  client.send(1, "channel.flow", { active: false });
  const { arguments: close } = await client.next("connection.close");
  expect(close).toMatchObject({ replyCode: 540, replyText: "NOT_IMPLEMENTED - active=false" });
});

test("access.request is answered as RabbitMQ still does", async () => {
  client.send(1, "access.request", {
    realm: "/",
    exclusive: false,
    passive: true,
    active: true,
    write: true,
    read: true,
  });
  expect((await client.next("access.request-ok")).arguments).toEqual({ ticket: 1 });
});

test("nothing is answered that nobody waits for", async () => {
  const args = new Map();
  const exchange = "no-wait";
  client.send(1, "exchange.declare", {
    exchange,
    type: "fanout",
    passive: false,
    durable: false,
    autoDelete: false,
    internal: false,
    noWait: true,
    arguments: args,
  });
  client.send(1, "queue.declare", {
    queue: "no-wait",
    passive: false,
    durable: false,
    exclusive: true,
    autoDelete: false,
    noWait: true,
    arguments: args,
  });
  client.send(1, "exchange.bind", {
    destination: exchange,
    source: "amq.fanout",
    routingKey: "",
    noWait: true,
    arguments: args,
  });
  client.send(1, "queue.bind", { queue: "no-wait", exchange, routingKey: "", noWait: true, arguments: args });
  client.publish({ exchange: "amq.fanout" }, "through both");
  client.get("no-wait", true);
  await client.next("basic.get-ok");
  expect(await client.content()).toBe("through both");
  client.consume("no-wait", "c", { noWait: true });
  client.send(1, "basic.cancel", { consumerTag: "c", noWait: true });
  client.send(1, "queue.purge", { queue: "no-wait", noWait: true });
  client.send(1, "exchange.unbind", {
    destination: exchange,
    source: "amq.fanout",
    routingKey: "",
    noWait: true,
    arguments: args,
  });
  client.send(1, "exchange.delete", { exchange, ifUnused: false, noWait: true });
  client.send(1, "queue.delete", { queue: "no-wait", ifUnused: false, ifEmpty: false, noWait: true });
  client.send(1, "confirm.select", { noWait: true });
  await client.settled();
});

test("no-wait does not hide an error", async () => {
  client.send(1, "queue.bind", {
    queue: "nothing",
    exchange: "amq.direct",
    routingKey: "",
    noWait: true,
    arguments: new Map(),
  });
  expect(await client.refusal()).toBe("NOT_FOUND - no queue 'nothing' in vhost '/'");
});

test("rights are asked for in the words of RabbitMQ", async () => {
  broker.addUser("reader", {
    password: "secret",
    permissions: { configure: "", write: "", read: "^open" },
  });
  const reader = await RawClient.open({ port: broker.port, login: "\0reader\0secret" });
  reader.publish({ routingKey: "open" });
  expect(await reader.refusal()).toBe(
    "ACCESS_REFUSED - access to exchange 'amq.default' in vhost '/' refused for user 'reader'",
  );
  reader.send(1, "channel.close-ok", {});
  await reader.openChannel(1);
  reader.get("closed");
  expect(await reader.refusal()).toBe(
    "ACCESS_REFUSED - access to queue 'closed' in vhost '/' refused for user 'reader'",
  );
  reader.end();
});
