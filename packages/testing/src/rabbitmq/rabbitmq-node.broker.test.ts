import amqplib from "amqplib";
import { afterAll, beforeAll, expect } from "vitest";
import { once } from "node:events";
import { startRabbitMq } from "./start-rabbitmq.ts";
import type { RabbitMqNode } from "./rabbitmq-node.ts";
import { testOnRabbitMq } from "../vitest/test-on.ts";

const test = await testOnRabbitMq();
let node: RabbitMqNode;

beforeAll(async () => {
  node = await startRabbitMq({
    config: ["consumer_timeout = 654321"],
    users: [{ name: "o'brien", password: 'p"\\>>' }],
  });
});

afterAll(async () => {
  await node.close();
});

test("a private node takes connections and tells its version", async () => {
  await using connection = await open();
  expect(
    (connection.model.connection as { serverProperties: { version: string } }).serverProperties.version,
  ).toBe(node.version);
  expect((await node.ctl("version")).trim()).toBe(node.version);
});

test("lines for rabbitmq.conf reach the broker", async () => {
  expect(await node.evalErlang("application:get_env(rabbit, consumer_timeout)")).toBe("{ok,654321}");
});

test("users, passwords, virtual hosts and permissions are set from the outside", async () => {
  await node.addVhost("te/st");
  await node.setPermissions("o'brien", { configure: "^$" }, "te/st");
  await node.setPassword("o'brien", "geheim");
  await using connection = await open(`amqp://o'brien:geheim@127.0.0.1:${node.port}/te%2Fst`);
  const channel = await connection.model.createChannel();
  const [closed] = await Promise.all([
    once(channel, "error").then(([error]) => error as { code: number }),
    channel.assertQueue("q").catch(() => undefined),
  ]);
  expect(closed.code).toBe(403);
  await node.deleteVhost("te/st");
});

test("an alarm blocks a connection that publishes, until it is cleared", async () => {
  for (const alarm of [node.memoryAlarm.bind(node), node.diskAlarm.bind(node)]) {
    await alarm(true);
    await using connection = await open();
    const channel = await connection.model.createConfirmChannel();
    const blocked = once(connection.model, "blocked");
    const confirmed = new Promise<void>((resolve, reject) => {
      channel.publish("", "nobody", Buffer.from("x"), {}, (error) => (error ? reject(error) : resolve()));
    });
    await blocked;
    await alarm(false);
    await expect(confirmed).resolves.toBeUndefined();
  }
});

test("a queue deleted behind a consumer's back cancels the consumer", async () => {
  await using connection = await open();
  const channel = await connection.model.createChannel();
  await channel.assertQueue("short-lived");
  const cancelled = new Promise<void>((resolve) => {
    void channel.consume("short-lived", (message) => message === null && resolve());
  });
  await channel.checkQueue("short-lived");
  await node.deleteQueue("short-lived");
  await expect(cancelled).resolves.toBeUndefined();
});

test("closeAllConnections ends each connection with 320", async () => {
  await using connection = await open();
  const closed = once(connection.model, "close");
  await node.closeAllConnections("for the test");
  const [error] = (await closed) as [{ code: number; message: string }];
  expect(error.code).toBe(320);
  expect(error.message).toContain("for the test");
});

test("a paused node keeps its connections and answers nothing until it is resumed", async () => {
  await using connection = await open();
  const channel = await connection.model.createChannel();
  node.pause();
  let answered = false;
  const answer = channel.assertQueue("", { exclusive: true }).then(() => (answered = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  node.resume();
  await answer;
});

test("an expression that fails is told with Erlang's reason", async () => {
  expect(await node.evalErlang("1 + 1")).toBe("2");
  await expect(node.evalErlang("error(oops)")).rejects.toThrow("error:oops");
  await expect(node.evalErlang("1 +")).rejects.toThrow("syntax error");
});

test("kill -9 and start again keep durable queues and persistent messages", async () => {
  {
    await using connection = await open();
    connection.model.on("error", () => undefined);
    const channel = await connection.model.createConfirmChannel();
    channel.on("error", () => undefined);
    await channel.assertQueue("kept", { durable: true });
    channel.sendToQueue("kept", Buffer.from("still here"), { persistent: true });
    await channel.waitForConfirms();
    await node.kill();
    expect(node.pid).toBeUndefined();
  }
  await node.start();
  await using connection = await open();
  const channel = await connection.model.createChannel();
  const message = await channel.get("kept", { noAck: true });
  expect(message && message.content.toString()).toBe("still here");
  await channel.deleteQueue("kept");
});

/** A connection that is closed at the end of the block. */
async function open(url = node.url): Promise<AsyncDisposable & { readonly model: amqplib.ChannelModel }> {
  const model = await amqplib.connect(url);
  model.on("error", () => undefined);
  return {
    model,
    [Symbol.asyncDispose]: async () => {
      await model.close().catch(() => undefined);
    },
  };
}
