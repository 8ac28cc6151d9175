import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { decodeContentHeader } from "../codec/content-header.ts";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { RawClient } from "./raw-client.test-support.ts";

const replyTo = "amq.rabbitmq.reply-to";
let broker: EmbeddedBroker;
let requester: RawClient;
let server: RawClient;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  requester = await RawClient.open({ port: broker.port });
  server = await RawClient.open({ port: broker.port });
  await requester.declare("requests", { autoDelete: true });
  server.consume("requests", "server", { noAck: true });
  await server.next("basic.consume-ok");
});
afterEach(() => {
  requester.end();
  server.end();
});

async function consumeReplies(): Promise<void> {
  requester.consume(replyTo, "replies", { noAck: true });
  await requester.next("basic.consume-ok");
}

/** Sends a request, and has the server take it; where it is to reply to. */
async function request(): Promise<string> {
  requester.publish({ routingKey: "requests" }, "ping", { replyTo, correlationId: "7" });
  await server.next("basic.deliver");
  const { properties } = decodeContentHeader((await server.next("header")).payload);
  expect(properties.correlationId).toBe("7");
  await server.next("body");
  return properties.replyTo!;
}

async function existsForServer(address: string): Promise<boolean> {
  server.send(1, "queue.declare", {
    queue: address,
    passive: true,
    durable: false,
    exclusive: false,
    autoDelete: false,
    noWait: false,
    arguments: new Map(),
  });
  const answer = await server.any();
  if (answer.name !== "channel.close") return answer.name === "queue.declare-ok";
  expect(answer.arguments.replyText).toBe(`NOT_FOUND - no queue '${address}' in vhost '/'`);
  server.send(1, "channel.close-ok", {});
  await server.openChannel(1);
  return false;
}

test("a reply finds the channel that asked", async () => {
  await consumeReplies();
  const address = await request();
  expect(address).toMatch(/^amq\.rabbitmq\.reply-to\.\S{30,}$/);
  server.publish({ routingKey: address }, "pong", { correlationId: "7" });
  expect(await requester.delivery()).toEqual({
    tag: 1,
    body: "pong",
    redelivered: false,
    consumerTag: "replies",
  });
});

test("a mandatory reply is returned although it arrives, and confirmed", async () => {
  await consumeReplies();
  const address = await request();
  server.send(1, "confirm.select", { noWait: true });
  server.publish({ routingKey: address, mandatory: true }, "pong");
  expect((await server.next("basic.return")).arguments).toMatchObject({
    replyCode: 312,
    routingKey: address,
  });
  expect(await server.content()).toBe("pong");
  await server.next("basic.ack");
  expect(await requester.delivery()).toMatchObject({ body: "pong" });
});

test("a requester that answers itself hears of the confirm before the reply", async () => {
  await consumeReplies();
  const address = await request();
  requester.send(1, "confirm.select", { noWait: true });
  requester.publish({ routingKey: address, mandatory: true }, "pong");
  await requester.next("basic.return");
  await requester.content();
  await requester.next("basic.ack");
  expect(await requester.delivery()).toMatchObject({ body: "pong" });
});

test("a reply that comes with the cancel is dropped", async () => {
  await consumeReplies();
  const address = await request();
  requester.atOnce(() => {
    requester.publish({ routingKey: address }, "too late");
    requester.send(1, "basic.cancel", { consumerTag: "replies", noWait: false });
  });
  await requester.next("basic.cancel-ok");
  await expect(requester.settled()).resolves.toBeUndefined();
});

test("a passive declare tells whether the requester is still there", async () => {
  await consumeReplies();
  const address = await request();
  expect(await existsForServer(address)).toBe(true);
  requester.send(1, "basic.cancel", { consumerTag: "replies", noWait: false });
  await requester.next("basic.cancel-ok");
  expect(await existsForServer(address)).toBe(false);
});

test("a reply to nobody is dropped, and confirmed", async () => {
  await consumeReplies();
  const address = await request();
  requester.send(1, "channel.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
  await requester.next("channel.close-ok");
  expect(await existsForServer(address)).toBe(false);
  server.send(1, "confirm.select", { noWait: true });
  server.publish({ routingKey: address }, "pong");
  expect((await server.next("basic.ack")).arguments.deliveryTag).toBe(1);
  await requester.openChannel(1);
  await requester.settled();
});

test.each([
  ["acks", [false], "reply consumer cannot acknowledge"],
  ["is the second of its channel", [true, true], "reply consumer already set"],
  ["acks, and is the second of its channel", [true, false], "reply consumer cannot acknowledge"],
])("a reply consumer that %s is refused", async (_, noAcks, text) => {
  for (const [index, noAck] of noAcks.entries()) requester.consume(replyTo, `${index}`, { noAck });
  if (noAcks.length > 1) await requester.next("basic.consume-ok");
  expect(await requester.refusal()).toBe(`PRECONDITION_FAILED - ${text}`);
});

test("a tag of a consumer cannot be that of a reply consumer", async () => {
  requester.consume("requests", "same");
  await requester.next("basic.consume-ok");
  requester.consume(replyTo, "same", { noAck: true });
  expect((await requester.next("connection.close")).arguments.replyText).toBe(
    "NOT_ALLOWED - attempt to reuse consumer tag 'same'",
  );
});

test("the pseudo-queue is there for whoever declares it, and for nothing else", async () => {
  expect(await requester.declare(replyTo)).toEqual({ queue: replyTo, messageCount: 0, consumerCount: 1 });
  requester.get(replyTo);
  expect(await requester.refusal()).toBe(`NOT_FOUND - no queue '${replyTo}' in vhost '/'`);
});
