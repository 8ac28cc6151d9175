import { connect, type Connection } from "@warren/connection";
import { decimalHeader, typedHeader } from "@warren/message";
import { type FaultProxy, startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPublisher } from "../publisher.ts";
import { drain } from "./fault-run.test-support.ts";

const broker = useBroker({ broker: "real" });
const body = Buffer.from("x");
let proxy: FaultProxy;
let direct: Connection;
let connection: Connection;
let queue: string;
let stream: string;

beforeEach(async () => {
  proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port || 5672) } });
  direct = await connect(broker.url);
  connection = await connect(proxy.url(broker.url), { reconnect: { baseMs: 5, maxMs: 50 } });
  queue = broker.name("q");
  stream = broker.name("s");
  const durable = { durable: true, exclusive: false, autoDelete: false };
  await direct.channels.withChannel(async (channel) => {
    await channel.declareQueue(queue, { ...durable, arguments: {} });
    await channel.declareQueue(stream, { ...durable, arguments: { "x-queue-type": "stream" } });
  });
});
afterEach(async () => {
  await connection.close();
  await direct.channels.withChannel(async (channel) => {
    await channel.deleteQueue(queue);
    await channel.deleteQueue(stream);
  });
  await direct.close();
  await proxy.close();
});

test("a publish over which RabbitMQ closes the whole connection is found, and takes nothing else along", async () => {
  using frames = proxy.frames();
  await using publisher = createPublisher(connection, { maxInFlight: 50 });
  await using neighbour = createPublisher(connection, { maxInFlight: 50 });
  let consumerLosses = 0;
  connection.channels.socket("consume").onState((to) => {
    if (to.kind === "reconnecting") consumerLosses++;
  });
  const publishings = Array.from({ length: 400 }, (_, at) => ({
    exchange: "",
    routingKey: queue,
    messageId: `${at}`,
    body,
  }));
  // RabbitMQ cannot put a decimal into a stream: its channel process crashes (541).
  const guilty = {
    ...publishings[0]!,
    routingKey: stream,
    headers: { price: decimalHeader({ places: 2, digits: 1 }) },
  };
  const [outcomes, others] = await Promise.all([
    publisher.publishAll([...publishings.slice(0, 100), guilty, ...publishings.slice(100, 200)]),
    neighbour.publishAll(publishings.slice(200)),
  ]);
  expect(outcomes[100]).toMatchObject({
    status: "unknown",
    stored: "maybe",
    error: { code: "BROKER_INTERNAL_ERROR", replyCode: 541, scope: "connection" },
  });
  const innocent = [...outcomes.toSpliced(100, 1), ...others];
  expect(innocent.filter(({ status }) => status !== "confirmed")).toEqual([]);
  // With the others of its window, then twice alone.
  expect(frames.count("connection.close", "toClient")).toBe(3);
  expect(consumerLosses).toBe(0);
  await expect(publisher.publish(publishings[0]!)).resolves.toMatchObject({ attempts: 1 });
  expect(new Set(await drain(direct, queue))).toEqual(new Set(publishings.map((_, at) => at)));
});

test("two publishers with a guilty publish each do not take each other's neighbours for it", async () => {
  const guilty = {
    exchange: "",
    routingKey: stream,
    body,
    headers: { price: decimalHeader({ places: 2, digits: 1 }) },
  };
  const innocent = { exchange: "", routingKey: queue, body };
  const both = [1, 2].map(() => createPublisher(connection));
  const outcomes = await Promise.all(
    both.map((publisher) => publisher.publishAll([innocent, guilty, innocent, innocent])),
  );
  for (const each of outcomes)
    expect(each.map(({ status }) => status)).toEqual(["confirmed", "unknown", "confirmed", "confirmed"]);
});

test("headers that fit no frame, or no float, are refused before they are written", async () => {
  await using small = await connect(proxy.url(broker.url), { frameMax: 8_192 });
  using frames = proxy.frames();
  await using publisher = createPublisher(small);
  const publishing = { exchange: "", routingKey: queue, body };
  const outcomes = await publisher.publishAll([
    { ...publishing, headers: { large: "x".repeat(8_200) } },
    { ...publishing, headers: { beyond: typedHeader("float", 1e39) } },
    { ...publishing, headers: { large: "x".repeat(8_100) } },
  ]);
  expect(outcomes).toMatchObject([
    { status: "refused", stored: "no", error: { code: "PUBLISH_INVALID" } },
    { status: "refused", stored: "no", error: { code: "PUBLISH_INVALID" } },
    { status: "confirmed" },
  ]);
  expect(frames.count("connection.close", "toClient")).toBe(0);
});
