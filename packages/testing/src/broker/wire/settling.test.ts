import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decodeContentHeader } from "../codec/content-header.ts";
import { fieldTable, integerOf, longstr } from "../codec/field-values.ts";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { RawClient } from "./raw-client.test-support.ts";

let broker: EmbeddedBroker;
let client: RawClient;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  broker.addVhost("test");
  client = await RawClient.open({ port: broker.port, vhost: "test" });
  await client.declare("q");
});
afterEach(() => {
  client.end();
  broker.deleteVhost("test");
});

function fill(...bodies: readonly string[]): void {
  for (const body of bodies) client.publish({ routingKey: "q" }, body);
}

async function bodiesOf(count: number): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (let index = 0; index < count; index += 1) bodies.push((await client.delivery()).body);
  return bodies;
}

describe("settling", () => {
  async function hold(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) client.get("q");
    for (let index = 0; index < count; index += 1) {
      await client.next("basic.get-ok");
      await client.content();
    }
  }

  test.each([
    ["an unknown tag", () => client.ack(7), 7],
    ["several up to an unknown tag", () => client.ack(7, true), 7],
    ["tag 0 alone", () => client.ack(0), 0],
    ["a tag twice", () => (client.ack(2), client.ack(2)), 2],
    ["a tag below several", () => (client.ack(2, true), client.ack(1)), 1],
    ["several up to one that is settled", () => (client.ack(2), client.ack(2, true)), 2],
    [
      "a nack of an unknown tag",
      () => client.send(1, "basic.nack", { deliveryTag: 7, multiple: false, requeue: true }),
      7,
    ],
    [
      "a reject of an unknown tag",
      () => client.send(1, "basic.reject", { deliveryTag: 7, requeue: true }),
      7,
    ],
  ])("%s closes the channel", async (_, settle, tag) => {
    fill("a", "b", "c");
    await hold(3);
    settle();
    expect(await client.refusal()).toBe(`PRECONDITION_FAILED - unknown delivery tag ${tag}`);
  });

  test("tag 0 means all, even none", async () => {
    client.ack(0, true);
    fill("a", "b");
    await hold(2);
    client.ack(0, true);
    await client.settled();
    expect(await client.declare("q")).toMatchObject({ messageCount: 0 });
    client.ack(2);
    expect(await client.refusal()).toContain("unknown delivery tag 2");
  });

  test("several up to a tag may have gaps below it", async () => {
    fill("a", "b", "c");
    await hold(3);
    client.ack(2);
    client.ack(3, true);
    await expect(client.settled()).resolves.toBeUndefined();
  });

  test.each(["basic.nack", "basic.reject"] as const)("%s puts a message back to its place", async (name) => {
    fill("a", "b");
    await hold(1);
    if (name === "basic.nack") client.send(1, name, { deliveryTag: 1, multiple: false, requeue: true });
    else client.send(1, name, { deliveryTag: 1, requeue: true });
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    expect(await client.delivery()).toMatchObject({ body: "a", redelivered: true });
    expect(await client.delivery()).toMatchObject({ body: "b", redelivered: false });
  });

  test("basic.recover puts all of them back, after its answer", async () => {
    fill("a", "b");
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    await bodiesOf(2);
    client.send(1, "basic.recover", { requeue: true });
    await client.next("basic.recover-ok");
    expect(await client.delivery()).toMatchObject({ tag: 3, body: "a", redelivered: true });
    expect(await client.delivery()).toMatchObject({ tag: 4, body: "b", redelivered: true });
    client.send(1, "basic.recover-async", { requeue: true });
    expect(await bodiesOf(2)).toEqual(["a", "b"]);
    client.send(1, "basic.recover", { requeue: false });
    expect((await client.next("connection.close")).arguments.replyText).toBe(
      "NOT_IMPLEMENTED - requeue=false",
    );
  });

  test.each([
    [
      "closes its channel",
      () => client.send(1, "channel.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 }),
    ],
    ["makes a mistake", () => client.ack(99)],
    [
      "closes its connection",
      () => client.send(0, "connection.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 }),
    ],
    ["makes a mistake that costs its connection", () => client.send(1, "channel.open", {})],
    ["vanishes", () => client.socket.resetAndDestroy()],
  ])("what a client holds goes back in its order when it %s", async (_, leave) => {
    fill("a", "b", "c");
    await client.settled();
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    await bodiesOf(3);
    const next = await RawClient.open({ port: broker.port, vhost: "test" });
    next.consume("q", "next");
    await next.next("basic.consume-ok");
    leave();
    for (const body of ["a", "b", "c"])
      expect(await next.delivery()).toMatchObject({ body, redelivered: true });
    next.end();
  });
});

test("what a connection holds goes through none of its other channels on its way back", async () => {
  const quorum = { durable: true, arguments: fieldTable({ "x-queue-type": longstr("quorum") }) };
  await client.declare("quorum", quorum);
  await client.openChannel(2);
  for (const channel of [1, 2]) {
    client.send(channel, "basic.consume", {
      queue: "quorum",
      consumerTag: `on ${channel}`,
      noLocal: false,
      noAck: false,
      exclusive: false,
      noWait: false,
      arguments: new Map(),
    });
    await client.next("basic.consume-ok");
  }
  client.publish({ routingKey: "quorum" });
  await client.delivery();
  client.send(0, "connection.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
  await client.next("connection.close-ok");

  const next = await RawClient.open({ port: broker.port, vhost: "test" });
  next.get("quorum");
  await next.next("basic.get-ok");
  const { properties } = decodeContentHeader((await next.next("header")).payload);
  expect(integerOf(properties.headers?.get("x-delivery-count"))).toBe(1);
  next.end();
});

test("where a stream refuses a nack, what was nacked with it goes back to its queues", async () => {
  await client.qos(10);
  await client.declare("stream", {
    durable: true,
    arguments: fieldTable({ "x-queue-type": longstr("stream") }),
  });
  // The stream hears of it first: consumers do in the order of their tags.
  for (const [queue, tag] of [
    ["stream", "a"],
    ["q", "b"],
  ] as const) {
    client.consume(queue, tag);
    await client.next("basic.consume-ok");
    client.publish({ routingKey: queue });
    await client.delivery();
  }
  client.send(1, "basic.nack", { deliveryTag: 0, multiple: true, requeue: true });
  const { arguments: close } = await client.next("connection.close");
  expect(close.replyCode).toBe(540);

  const next = await RawClient.open({ port: broker.port, vhost: "test" });
  expect(await next.declare("q", { passive: true })).toMatchObject({ messageCount: 1 });
  next.end();
});
