import { connect, type Connection } from "@warren/connection";
import { type Confirmation, defineMessage, type Publishing } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createPublisher } from "./publisher.ts";

const broker = useBroker();
const queue = broker.name("numbers");
let connection: Connection;
let arrived: number[] = [];

beforeAll(async () => {
  connection = await connect(broker.url);
  await connection.channels.withChannel((channel) =>
    channel.declareQueue(queue, { durable: false, exclusive: false, autoDelete: false, arguments: {} }),
  );
});
afterAll(async () => {
  await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
  await connection.close();
});

const bytes = 20_000;

function* numbered(count: number): Generator<Publishing> {
  for (let at = 0; at < count; at++) {
    const body = Buffer.alloc(bytes);
    body.writeUInt32BE(at);
    yield { exchange: "", routingKey: queue, body, persistent: false };
  }
}

/** The numbers at the beginning of the bodies, in the order in which they are in the queue. */
async function arrivedInQueue(count: number): Promise<readonly number[]> {
  arrived = [];
  await new Promise<void>((resolve) => {
    const consumer = connection.channels.consume({
      queue,
      prefetch: 100,
      noAck: true,
      delivered: ({ content }) => {
        if (arrived.push(Number.parseInt(content.toString("utf8", 0, 12).replace(/\D/g, ""), 10)) === count)
          void consumer.close().then(resolve);
      },
    });
  });
  return arrived;
}

function statuses(outcomes: readonly Confirmation[]): readonly string[] {
  return [...new Set(outcomes.map((each) => ("error" in each ? each.error.code : each.status)))];
}

test("bodies that are larger together than the buffer are all confirmed, as there is room", async () => {
  await using publisher = createPublisher(connection, { maxBufferBytes: 5 * bytes });
  const outcomes = await publisher.publishAll(numbered(100));
  expect(outcomes).toHaveLength(100);
  expect(statuses(outcomes)).toEqual(["confirmed"]);
  await connection.channels.withChannel((channel) => channel.purgeQueue(queue));
});

test("two at once, and publishes beside them, wait for each other's room instead of being refused", async () => {
  await using publisher = createPublisher(connection, { maxInFlight: 10, whenFull: "refuse" });
  const first = Array.from(numbered(10), (each) => publisher.publish(each));
  const [some, more] = await Promise.all([
    publisher.publishAll(numbered(100)),
    publisher.publishAll(numbered(100)),
  ]);
  expect(statuses([...some, ...more, ...(await Promise.all(first))])).toEqual(["confirmed"]);
  await connection.channels.withChannel((channel) => channel.purgeQueue(queue));
});

test("what an asynchronous schema lets pass keeps its order while it waits for room", async () => {
  await using publisher = createPublisher(connection, { maxBufferBytes: 5 * bytes });
  const Numbered = defineMessage({
    type: "numbered",
    exchange: "",
    routingKey: queue,
    schema: z.object({ n: z.number(), filler: z.string() }).refine(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    }),
  });
  const filler = "x".repeat(bytes);
  const outcomes = await publisher.publishAll(
    Numbered,
    Array.from({ length: 60 }, (_, n) => ({ n, filler })),
    { persistent: false },
  );
  expect(statuses(outcomes)).toEqual(["confirmed"]);
  expect(await arrivedInQueue(60)).toEqual(Array.from({ length: 60 }, (_, n) => n));
});

test("close ends one that waits for room, and every item of it settles", async () => {
  await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port || 5672) } });
  await using through = await connect(proxy.url(broker.url), { closeTimeoutMs: 1_000 });
  const publisher = createPublisher(through, { maxBufferBytes: 5 * bytes });
  let takenCount = 0;
  const source = (function* (): Generator<Publishing> {
    for (const each of numbered(100)) {
      takenCount++;
      yield { ...each, exchange: "amq.fanout", mandatory: false };
    }
  })();
  await publisher.publish({
    exchange: "amq.fanout",
    routingKey: "",
    body: Buffer.alloc(0),
    mandatory: false,
  });
  proxy.blackHole("toServer");
  const publishing = publisher.publishAll(source);
  await new Promise((resolve) => setImmediate(resolve));
  expect(takenCount).toBeLessThanOrEqual(5);
  await publisher.close({ timeoutMs: 100 });
  const outcomes = await publishing;
  expect(outcomes).toHaveLength(100);
  expect([...statuses(outcomes)].sort()).toEqual(["PUBLISHER_CLOSED"]);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["unknown", "refused"]));
  await proxy.heal();
});
