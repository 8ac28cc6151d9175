import { once } from "node:events";
import { networkInterfaces } from "node:os";
import amqplib, { type ChannelModel, type ConsumeMessage } from "amqplib";
import { describe, expect, test } from "vitest";
import { startEmbeddedBroker } from "./start-embedded-broker.ts";
import { ManualClock } from "./manual-clock.ts";

async function dial(url: string): Promise<ChannelModel> {
  const connection = await amqplib.connect(url);
  connection.on("error", () => undefined);
  return connection;
}

test("a message goes from one client to another, and is confirmed, delivered and acked", async () => {
  await using broker = await startEmbeddedBroker();
  const publishing = await dial(broker.url);
  const consuming = await dial(broker.url);
  const publisher = await publishing.createConfirmChannel();
  const consumer = await consuming.createChannel();
  await consumer.assertExchange("orders", "topic");
  await consumer.assertQueue("billing");
  await consumer.bindQueue("billing", "orders", "order.#");
  const delivered = new Promise<ConsumeMessage | null>((resolve) => {
    void consumer.consume("billing", resolve);
  });
  publisher.publish("orders", "order.placed", Buffer.from("o-1"), { headers: { tenant: "t" } });
  await publisher.waitForConfirms();
  const message = await delivered;
  expect(message).toMatchObject({
    content: Buffer.from("o-1"),
    fields: { exchange: "orders", routingKey: "order.placed", redelivered: false },
    properties: { headers: { tenant: "t" } },
  });
  consumer.ack(message!);
  await expect(consumer.deleteQueue("billing")).resolves.toEqual({ messageCount: 0 });
  expect(broker.connections).toMatchObject([
    { user: "guest", vhost: "/", channelCount: 1, consumerCount: 0 },
    { user: "guest", vhost: "/", channelCount: 1, consumerCount: 0 },
  ]);
  await publishing.close();
  await consuming.close();
  expect(broker.connections).toEqual([]);
});

test("a broker says what it is, where, and that it is not for production", async () => {
  await using broker = await startEmbeddedBroker({ version: "4.0" });
  expect(broker).toMatchObject({
    host: "127.0.0.1",
    version: "4.0.5",
    url: `amqp://guest:guest@127.0.0.1:${broker.port}`,
    description: `Warren embedded broker (as RabbitMQ 4.0.5) on 127.0.0.1:${broker.port}, for tests and first runs, not for production`,
  });
});

test("two brokers in one process know nothing of each other", async () => {
  await using one = await startEmbeddedBroker();
  await using two = await startEmbeddedBroker();
  const connection = await dial(one.url);
  await (await connection.createChannel()).assertQueue("q");
  const other = await (await dial(two.url)).createChannel();
  other.on("error", () => undefined);
  await expect(other.checkQueue("q")).rejects.toThrow("NOT_FOUND");
});

test("a port that is taken is an error", async () => {
  await using broker = await startEmbeddedBroker();
  await expect(startEmbeddedBroker({ port: broker.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("expiry follows the clock that is given", async () => {
  const clock = new ManualClock();
  await using broker = await startEmbeddedBroker({ clock });
  const channel = await (await dial(broker.url)).createChannel();
  await channel.assertQueue("q", { messageTtl: 60_000 });
  channel.sendToQueue("q", Buffer.from("late"));
  await expect(channel.checkQueue("q")).resolves.toMatchObject({ messageCount: 1 });
  clock.advance(60_001);
  await expect(channel.checkQueue("q")).resolves.toMatchObject({ messageCount: 0 });
});

describe("virtual hosts", () => {
  test("are apart from one another", async () => {
    await using broker = await startEmbeddedBroker({ vhosts: ["a/b"] });
    broker.addVhost("c");
    const one = await (await dial(broker.urlOf("a/b"))).createChannel();
    await one.assertQueue("q");
    const two = await (await dial(broker.urlOf("c"))).createChannel();
    two.on("error", () => undefined);
    await expect(two.checkQueue("q")).rejects.toThrow("no queue 'q' in vhost 'c'");
    expect(broker.connections.map(({ vhost }) => vhost)).toEqual(["a/b", "c"]);
  });

  test("that are added twice keep what they have", async () => {
    await using broker = await startEmbeddedBroker();
    const channel = await (await dial(broker.url)).createChannel();
    await channel.assertQueue("q");
    broker.addVhost("/");
    const again = await (await dial(broker.url)).createChannel();
    await expect(again.checkQueue("q")).resolves.toMatchObject({ queue: "q" });
  });

  test("take their connections with them", async () => {
    await using broker = await startEmbeddedBroker({ vhosts: ["gone"] });
    const connection = await dial(broker.urlOf("gone"));
    const staying = await dial(broker.url);
    const closed = once(connection, "close");
    broker.deleteVhost("gone");
    broker.deleteVhost("never was");
    const [reason] = (await closed) as [Error];
    expect(reason.message).toContain(
      "320 (CONNECTION-FORCED) with message \"CONNECTION_FORCED - vhost 'gone' is deleted\"",
    );
    await expect(dial(broker.urlOf("gone"))).rejects.toThrow("Expected ConnectionOpenOk");
    await staying.close();
  });
});

test("users can be added and changed", async () => {
  await using broker = await startEmbeddedBroker({ users: { root: { password: "p@ss:w/rd" } } });
  await (await dial(broker.url)).close();
  const url = broker.url.replace(/\/\/.*@/, "//ann:new@");
  await expect(dial(url)).rejects.toThrow("ACCESS_REFUSED");
  broker.addUser("ann", { password: "new" });
  await (await dial(url)).close();
  await expect(dial(broker.url.replace(/\/\/.*@/, "//guest:guest@"))).rejects.toThrow("ACCESS_REFUSED");
});

test("a user that cannot be is refused where it is added", async () => {
  await using broker = await startEmbeddedBroker();
  const permissions = { configure: "[", write: ".*", read: "" };
  expect(() => broker.addUser("ann", { password: "p", permissions })).toThrow(
    new RangeError('addUser: permissions of user "ann" must have a regular expression for configure'),
  );
});

describe("close", () => {
  test("tells every client, and frees the port", async () => {
    const broker = await startEmbeddedBroker();
    const connection = await dial(broker.url);
    const closed = once(connection, "close");
    await broker.close();
    const [reason] = (await closed) as [Error];
    expect(reason.message).toContain(
      "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
    );
    await using again = await startEmbeddedBroker({ port: broker.port });
    expect(again.port).toBe(broker.port);
  });

  test("may come twice", async () => {
    const broker = await startEmbeddedBroker();
    await Promise.all([broker.close(), broker.close()]);
    await expect(broker.close()).resolves.toBeUndefined();
  });

  test("leaves no alarm of a queue behind", async () => {
    const clock = new ManualClock();
    const broker = await startEmbeddedBroker({ clock });
    const channel = await (await dial(broker.url)).createChannel();
    await channel.assertQueue("q", { expires: 3_600_000, messageTtl: 60_000 });
    channel.sendToQueue("q", Buffer.from("m"));
    await channel.checkQueue("q");
    expect(clock.waitingCount).toBe(2);
    await broker.close();
    expect(clock.waitingCount).toBe(0);
  });
});

describe("S28", () => {
  test("the broker listens on loopback alone", async () => {
    await using broker = await startEmbeddedBroker();
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of outside)
      await expect(dial(broker.url.replace("127.0.0.1", address))).rejects.toThrow("ECONNREFUSED");
    await (await dial(broker.url)).close();
  });

  test("any other address is refused while everybody knows a login, and says the way out", async () => {
    await expect(startEmbeddedBroker({ host: "0.0.0.0" })).rejects.toThrow(
      'startEmbeddedBroker: host "0.0.0.0" lets other machines in, who all know guest with the password guest: give ' +
        "users of your own, or leave the host at 127.0.0.1",
    );
    const users = { guest: { password: "guest" }, ann: { password: "secret" } };
    await expect(startEmbeddedBroker({ host: "::", users })).rejects.toThrow(RangeError);
  });

  test("with users of one's own it is allowed", async () => {
    await using broker = await startEmbeddedBroker({
      host: "0.0.0.0",
      users: { ann: { password: "secret" } },
    });
    const connection = await dial(broker.url);
    expect(broker.connections).toMatchObject([{ user: "ann" }]);
    await connection.close();
  });
});
