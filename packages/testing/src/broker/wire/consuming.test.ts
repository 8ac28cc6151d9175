import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
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
