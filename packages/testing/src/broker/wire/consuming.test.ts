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

describe("deliveries", () => {
  test("come in order, and none before consume-ok", async () => {
    fill("a", "b", "c");
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    expect(await client.delivery()).toEqual({ tag: 1, body: "a", redelivered: false, consumerTag: "c" });
    expect(await bodiesOf(2)).toEqual(["b", "c"]);
  });

  test("are shared out in turn", async () => {
    client.consume("q", "one");
    client.consume("q", "two");
    await client.next("basic.consume-ok");
    await client.next("basic.consume-ok");
    fill("a", "b", "c", "d");
    const tags: string[] = [];
    for (let index = 0; index < 4; index += 1) tags.push((await client.delivery()).consumerTag);
    expect(tags).toEqual(["one", "two", "one", "two"]);
  });

  test("need no consume-ok where the client waits for none", async () => {
    fill("a");
    client.consume("q", "c", { noWait: true });
    expect(await bodiesOf(1)).toEqual(["a"]);
  });

  test("wait while the socket is full, and go on in order", async () => {
    const large = "x".repeat(100_000);
    const count = 200;
    for (let index = 0; index < count; index += 1) fill(`${index} ${large}`);
    await client.settled();
    client.consume("q", "c", { noAck: true });
    await client.next("basic.consume-ok");
    client.socket.pause();
    const watcher = await RawClient.open({ port: broker.port, vhost: "test" });
    const { messageCount } = await watcher.declare("q", { passive: true });
    expect(messageCount).toBeGreaterThan(count / 2);
    watcher.end();
    client.socket.resume();
    for (let index = 0; index < count; index += 1)
      expect((await client.delivery()).body.slice(0, 4).trim()).toBe(`${index} xxx`.slice(0, 4).trim());
  });
});

describe("prefetch", () => {
  test("of a consumer holds deliveries back until one is settled", async () => {
    fill("a", "b", "c", "d");
    await client.qos(2);
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    expect(await bodiesOf(2)).toEqual(["a", "b"]);
    await client.settled();
    client.ack(1);
    expect(await bodiesOf(1)).toEqual(["c"]);
    client.send(1, "basic.reject", { deliveryTag: 2, requeue: false });
    expect(await bodiesOf(1)).toEqual(["d"]);
  });

  test("means nothing to a consumer that acks nothing", async () => {
    fill("a", "b", "c");
    await client.qos(1);
    client.consume("q", "c", { noAck: true });
    await client.next("basic.consume-ok");
    expect(await bodiesOf(3)).toEqual(["a", "b", "c"]);
  });

  test("of a channel means nothing to one either", async () => {
    await client.declare("other");
    await client.qos(1, true);
    client.consume("q", "c");
    client.consume("other", "d", { noAck: true });
    await client.next("basic.consume-ok");
    await client.next("basic.consume-ok");
    fill("a");
    client.publish({ routingKey: "other" }, "b");
    expect(await bodiesOf(2)).toEqual(["a", "b"]);
  });

  test("counts for consumers that begin later, each by itself", async () => {
    await client.qos(1);
    client.consume("q", "one");
    await client.next("basic.consume-ok");
    await client.qos(2);
    client.consume("q", "two");
    await client.next("basic.consume-ok");
    fill("a", "b", "c", "d");
    const tags = [await client.delivery(), await client.delivery(), await client.delivery()];
    expect(tags.map(({ consumerTag }) => consumerTag)).toEqual(["one", "two", "two"]);
    await client.settled();
  });

  test("of a channel counts what all its consumers hold", async () => {
    await client.qos(2, true);
    client.consume("q", "one");
    client.consume("q", "two");
    await client.next("basic.consume-ok");
    await client.next("basic.consume-ok");
    fill("a", "b", "c");
    expect(await bodiesOf(2)).toEqual(["a", "b"]);
    await client.settled();
    client.ack(1);
    expect(await bodiesOf(1)).toEqual(["c"]);
  });

  test("of a channel is no matter of basic.get, unless it held something when it was set", async () => {
    fill("a", "b", "c", "d");
    client.get("q");
    await client.next("basic.get-ok");
    await client.content();
    await client.qos(1, true);
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    await client.settled();
    await client.qos(0, true);
    expect(await bodiesOf(3)).toEqual(["b", "c", "d"]);
  });

  test("of a channel is refused for a quorum queue", async () => {
    await client.declare("quorum", {
      durable: true,
      arguments: fieldTable({ "x-queue-type": longstr("quorum") }),
    });
    await client.qos(1, true);
    client.consume("quorum", "c");
    const { arguments: close } = await client.next("connection.close");
    expect(close).toEqual({
      replyCode: 540,
      replyText: "NOT_IMPLEMENTED - queue 'quorum' in vhost 'test' does not support global qos",
      classId: 60,
      methodId: 20,
    });
  });

  test("of a channel ends where one for consumers is given after it", async () => {
    await client.qos(1, true);
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    fill("a", "b", "c");
    expect(await bodiesOf(1)).toEqual(["a"]);
    await client.qos(5);
    expect(await bodiesOf(2)).toEqual(["b", "c"]);
  });

  test("of a channel that has room again lets other queues deliver", async () => {
    await client.declare("other");
    await client.qos(1, true);
    client.consume("q", "c");
    client.consume("other", "d");
    await client.next("basic.consume-ok");
    await client.next("basic.consume-ok");
    fill("a");
    client.publish({ routingKey: "other" }, "b");
    expect(await bodiesOf(1)).toEqual(["a"]);
    await client.settled();
    client.ack(1);
    expect(await bodiesOf(1)).toEqual(["b"]);
  });

  test("that one ack frees for two consumers is used by one after the other", async () => {
    fill("1", "2", "3", "4", "5", "6", "7", "8");
    await client.qos(2);
    client.consume("q", "one");
    client.consume("q", "two");
    await client.next("basic.consume-ok");
    await bodiesOf(2);
    await client.next("basic.consume-ok");
    await bodiesOf(2);
    client.ack(4, true);
    const tags = [await client.delivery(), await client.delivery(), await client.delivery()];
    expect(tags.map(({ consumerTag }) => consumerTag)).toEqual(["one", "one", "two"]);
  });

  test("in bytes is refused", async () => {
    client.send(1, "basic.qos", { prefetchSize: 1, prefetchCount: 0, global: false });
    const { arguments: close } = await client.next("connection.close");
    expect(close.replyText).toBe("NOT_IMPLEMENTED - prefetch_size!=0 (1)");
  });
});

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

describe("a consumer", () => {
  test("gets a tag where it brings none", async () => {
    client.consume("q", "");
    const { consumerTag } = (await client.next("basic.consume-ok")).arguments;
    expect(consumerTag).toMatch(/^amq\.ctag-[\w-]{22}$/);
  });

  test("with the tag of another costs the connection", async () => {
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    client.consume("q", "c");
    const { arguments: close } = await client.next("connection.close");
    expect(close).toMatchObject({
      replyCode: 530,
      replyText: "NOT_ALLOWED - attempt to reuse consumer tag 'c'",
    });
  });

  test("that is exclusive is alone", async () => {
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    client.consume("q", "d", { exclusive: true });
    expect(await client.refusal()).toBe("ACCESS_REFUSED - queue 'q' in vhost 'test' in exclusive use");
  });

  test("that cancels keeps what it holds, and gets nothing more", async () => {
    await client.qos(1);
    fill("a", "b");
    client.consume("q", "c");
    await client.next("basic.consume-ok");
    await bodiesOf(1);
    client.send(1, "basic.cancel", { consumerTag: "c", noWait: false });
    await client.next("basic.cancel-ok");
    client.ack(1);
    expect(await client.declare("q")).toEqual({ queue: "q", messageCount: 1, consumerCount: 0 });
    client.send(1, "basic.cancel", { consumerTag: "unknown", noWait: false });
    await client.next("basic.cancel-ok");
  });

  test.each([
    ["is told when its queue goes, after the answer", ["consumer_cancel_notify"]],
    ["is not told where it would not understand", []],
  ])("%s", async (_, capabilities) => {
    const other = await RawClient.open({ port: broker.port, vhost: "test", capabilities });
    other.consume("q", "c");
    await other.next("basic.consume-ok");
    other.send(1, "queue.delete", { queue: "q", ifUnused: false, ifEmpty: false, noWait: false });
    await other.next("queue.delete-ok");
    await (capabilities.length > 0 ? other.next("basic.cancel") : other.settled());
    await expect(other.settled()).resolves.toBeUndefined();
    other.end();
  });
});

describe("basic.get", () => {
  test("says how many are left, and when there is none", async () => {
    fill("a", "b");
    client.get("q");
    expect((await client.next("basic.get-ok")).arguments).toEqual({
      deliveryTag: 1,
      redelivered: false,
      exchange: "",
      routingKey: "q",
      messageCount: 1,
    });
    expect(await client.content()).toBe("a");
    client.get("q", true);
    await client.next("basic.get-ok");
    await client.content();
    client.get("q");
    await client.next("basic.get-empty");
    client.ack(2);
    expect(await client.refusal()).toContain("unknown delivery tag 2");
  });
});

describe("exclusive queues", () => {
  test("go with their connection, before its close is answered", async () => {
    await client.declare("mine", { exclusive: true });
    const other = await RawClient.open({ port: broker.port, vhost: "test" });
    other.send(1, "basic.get", { queue: "mine", noAck: true });
    expect(await other.refusal()).toContain(
      "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine'",
    );
    other.send(1, "channel.close-ok", {});
    client.send(0, "connection.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
    await client.next("connection.close-ok");
    await other.openChannel(1);
    other.send(1, "basic.get", { queue: "mine", noAck: true });
    expect(await other.refusal()).toBe("NOT_FOUND - no queue 'mine' in vhost 'test'");
    other.end();
  });
});

describe("an empty queue name", () => {
  test("means the queue that was last declared", async () => {
    const { queue } = await client.declare("", { exclusive: true });
    expect(queue).toMatch(/^amq\.gen-[\w-]{22}$/);
    client.send(1, "queue.bind", {
      queue: "",
      exchange: "amq.direct",
      routingKey: "",
      noWait: false,
      arguments: new Map(),
    });
    await client.next("queue.bind-ok");
    client.publish({ exchange: "amq.direct", routingKey: queue }, "by its own name");
    client.get("");
    await client.next("basic.get-ok");
    expect(await client.content()).toBe("by its own name");
  });

  test("means nothing before", async () => {
    const other = await RawClient.open({ port: broker.port, vhost: "test" });
    other.get("");
    expect(await other.refusal()).toBe("NOT_FOUND - no previously declared queue");
    other.end();
  });
});
