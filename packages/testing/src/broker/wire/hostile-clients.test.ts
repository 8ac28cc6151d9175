import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeContentHeader } from "../codec/content-header.ts";
import { fieldTable, int64, longstr } from "../codec/field-values.ts";
import { encodeFrame, frameTypes, methodFrame } from "../codec/frames.ts";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { ManualClock } from "../manual-clock.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { RawClient } from "./raw-client.test-support.ts";

let broker: EmbeddedBroker;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.close());

const { method, header, body, heartbeat } = frameTypes;
const publish = methodFrame(1, "basic.publish", {
  exchange: "",
  routingKey: "nowhere",
  mandatory: false,
  immediate: false,
});
const declare = methodFrame(1, "queue.declare", {
  queue: "never",
  passive: false,
  durable: false,
  exclusive: false,
  autoDelete: false,
  noWait: false,
  arguments: new Map(),
});
const headerOf = (bodyBytes: number): Buffer => encodeFrame(header, 1, encodeContentHeader(bodyBytes, {}));
const announcing = (bytes: number): Buffer => {
  const frame = Buffer.from(declare);
  frame.writeUInt32BE(bytes, 3);
  return frame;
};
const endingWith = (octet: number): Buffer => {
  const frame = encodeFrame(method, 1, Buffer.of(0, 10, 0, 10));
  frame[frame.length - 1] = octet;
  return frame;
};
const headerWith = (at: number, value: number): Buffer => {
  const payload = encodeContentHeader(3, {});
  payload.writeUInt16BE(value, at);
  return encodeFrame(header, 1, payload);
};

/** What RabbitMQ 3.10.8 answered to the same bytes on a connection with channel 1 open. */
const answered: readonly [what: string, bytes: readonly Buffer[], replyCode: number, replyText: string][] = [
  [
    "a method on a channel that is not open",
    [encodeFrame(method, 2, declare.subarray(7, -1))],
    504,
    "CHANNEL_ERROR - expected 'channel.open'",
  ],
  [
    "channel.close of a channel that is not open",
    [methodFrame(2, "channel.close-ok", {})],
    504,
    "CHANNEL_ERROR - expected 'channel.open'",
  ],
  [
    "channel.open of an open channel",
    [methodFrame(1, "channel.open", {})],
    504,
    "CHANNEL_ERROR - second 'channel.open' seen",
  ],
  [
    "a header on a channel that is not open",
    [encodeFrame(header, 2, encodeContentHeader(1, {}))],
    505,
    "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
  ],
  [
    "a header without a publish",
    [headerOf(1)],
    505,
    "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
  ],
  [
    "a body without a publish",
    [encodeFrame(body, 1, Buffer.from("x"))],
    505,
    "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
  ],
  [
    "a method instead of a header",
    [publish, declare],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
  ],
  [
    "a body instead of a header",
    [publish, encodeFrame(body, 1, Buffer.from("x"))],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
  ],
  [
    "a method instead of a body",
    [publish, headerOf(5), declare],
    505,
    "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
  ],
  [
    "a second header",
    [publish, headerOf(5), headerOf(5)],
    505,
    "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
  ],
  [
    "a body that is longer than its header says",
    [publish, headerOf(3), encodeFrame(body, 1, Buffer.from("xxxx"))],
    505,
    "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
  ],
  [
    "a header of another class",
    [publish, headerWith(0, 50)],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
  ],
  [
    "a header with a weight",
    [publish, headerWith(2, 1)],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
  ],
  [
    "a frame of an unknown type",
    [encodeFrame(9, 1, Buffer.from("abc"))],
    501,
    'FRAME_ERROR - type 9, all octets = <<"abc">>: unknown_frame',
  ],
  [
    "a frame without its end",
    [endingWith(0)],
    501,
    "FRAME_ERROR - type 1, all octets = <<0,10,0,10>>: {invalid_frame_end_marker,0}",
  ],
  [
    "a frame that announces 4 GiB",
    [announcing(0xffff_ffff)],
    501,
    "FRAME_ERROR - type 1, all octets = <<>>: {frame_too_large,4294967295,131064}",
  ],
  [
    "a heartbeat on a channel",
    [encodeFrame(heartbeat, 1, Buffer.alloc(0))],
    505,
    "UNEXPECTED_FRAME - type 8, all octets = <<>>",
  ],
  [
    "a heartbeat with a payload",
    [encodeFrame(heartbeat, 0, Buffer.from("x"))],
    501,
    'FRAME_ERROR - type 8, all octets = <<"x">>: unknown_frame',
  ],
  [
    "a body on channel 0",
    [encodeFrame(body, 0, Buffer.from("x"))],
    505,
    'UNEXPECTED_FRAME - type 3, all octets = <<"x">>',
  ],
  [
    "channel.open on channel 0",
    [methodFrame(0, "channel.open", {})],
    504,
    "CHANNEL_ERROR - unexpected method in connection state running",
  ],
  [
    "connection.open on a channel",
    [methodFrame(1, "connection.open", { virtualHost: "/" })],
    503,
    "COMMAND_INVALID - unimplemented method",
  ],
  [
    "connection.open a second time",
    [methodFrame(0, "connection.open", { virtualHost: "/" })],
    504,
    "CHANNEL_ERROR - unexpected method in connection state running",
  ],
  [
    "an answer that nobody waits for",
    [methodFrame(1, "queue.declare-ok", { queue: "x", messageCount: 0, consumerCount: 0 })],
    503,
    "COMMAND_INVALID - unimplemented method",
  ],
  [
    "a method that is cut short",
    [encodeFrame(method, 1, Buffer.of(0, 50, 0, 10, 0, 0, 255, 97))],
    501,
    "FRAME_ERROR - cannot decode <<0,0,255,97>>",
  ],
];

describe("N18 S13 the connection is closed, in the words of RabbitMQ, by", () => {
  test.each(answered)("%s", async (_, bytes, replyCode, replyText) => {
    const client = await RawClient.open({ port: broker.port });
    client.write(...bytes);
    const { arguments: close } = await client.next("connection.close");
    expect(close).toMatchObject({ replyCode, replyText });
    client.send(0, "connection.close-ok", {});
    await client.next("end");
  });

  test("a method that RabbitMQ does not know", async () => {
    const client = await RawClient.open({ port: broker.port });
    client.sendFrame(method, 1, Buffer.of(0, 99, 0, 1));
    const { arguments: close } = await client.next("connection.close");
    expect(close).toMatchObject({ replyCode: 540, replyText: "NOT_IMPLEMENTED - unknown method 99.1" });
    client.end();
  });
});

describe("N18", () => {
  test("a body that is announced with 2^63 bytes takes no memory before it comes", async () => {
    const client = await RawClient.open({ port: broker.port });
    const payload = encodeContentHeader(0, {});
    payload.writeBigUInt64BE(2n ** 63n, 4);
    const before = process.memoryUsage().arrayBuffers;
    client.write(publish, encodeFrame(header, 1, payload), encodeFrame(body, 1, Buffer.from("a little")));
    await client.openChannel(2);
    await client.settled(2);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1_024 * 1_024);
    client.end();
  });

  test("after a close by the broker everything but the answer is ignored", async () => {
    const client = await RawClient.open({ port: broker.port });
    client.write(methodFrame(1, "channel.open", {}), declare, methodFrame(3, "channel.open", {}));
    await client.next("connection.close");
    client.write(declare, encodeFrame(9, 0, Buffer.alloc(0)));
    await client.next("end");
    const other = await RawClient.open({ port: broker.port });
    other.get("never");
    expect(await other.refusal()).toBe("NOT_FOUND - no queue 'never' in vhost '/'");
    other.end();
  });

  test("a client that closes when the broker just did gets its answer", async () => {
    const client = await RawClient.open({ port: broker.port });
    client.write(methodFrame(1, "channel.open", {}));
    client.send(0, "connection.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
    await client.next("connection.close");
    await client.next("connection.close-ok");
    expect(await client.any()).toEqual({ name: "end" });
  });

  test("a client that asks and does not listen fills no memory: it is read again once it listens", async () => {
    const client = await RawClient.open({ port: broker.port });
    const large = "x".repeat(100_000);
    const returnCount = 400;
    client.socket.pause();
    for (let index = 0; index < returnCount; index += 1)
      client.publish({ routingKey: "nowhere", mandatory: true }, large);
    // Most of what was sent stays on this side of the broker: it has stopped reading.
    const other = await RawClient.open({ port: broker.port });
    for (let turn = 0; turn < 50; turn += 1) await other.settled();
    other.end();
    expect(client.socket.writableLength).toBeGreaterThan((returnCount * large.length) / 2);

    client.socket.resume();
    for (let index = 0; index < returnCount; index += 1) {
      await client.next("basic.return");
      expect(await client.content()).toHaveLength(large.length);
    }
    client.end();
  });
});

test("a dead letter with a routing key that no frame can carry ends its consumer's connection alone", async () => {
  const clock = new ManualClock();
  await using own = await startEmbeddedBroker({ clock });
  const consumer = await RawClient.open({ port: own.port });
  await consumer.declare("dead");
  consumer.send(1, "queue.bind", {
    queue: "dead",
    exchange: "amq.fanout",
    routingKey: "",
    noWait: true,
    arguments: new Map(),
  });
  consumer.consume("dead", "c");
  await consumer.next("basic.consume-ok");
  const publisher = await RawClient.open({ port: own.port });
  await publisher.declare("dying", {
    arguments: fieldTable({
      "x-message-ttl": int64(1),
      "x-dead-letter-exchange": longstr("amq.fanout"),
      "x-dead-letter-routing-key": longstr("k".repeat(256)),
    }),
  });
  publisher.publish({ routingKey: "dying" });
  publisher.publish({ routingKey: "dying" });
  await publisher.settled();
  clock.advance(1);

  const { arguments: close } = await consumer.next("connection.close");
  expect(close).toMatchObject({ replyCode: 541, replyText: "INTERNAL_ERROR" });
  expect(await publisher.declare("dead")).toMatchObject({ messageCount: 2, consumerCount: 0 });
  consumer.end();
  publisher.end();
});
