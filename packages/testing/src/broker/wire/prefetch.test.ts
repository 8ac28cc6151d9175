import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fieldTable, longstr } from "../codec/field-values.ts";
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
