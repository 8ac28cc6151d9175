import { expect, test } from "vitest";
import { FrameReader } from "./frame-reader.ts";

const header = Buffer.from("AMQP\0\0\x09\x01", "latin1");
const heartbeat = Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce]);
const ack = methodFrame(3, 60, 80, Buffer.from([0, 0, 0, 0, 0, 0, 0, 42, 1]));
const deliver = methodFrame(
  3,
  60,
  60,
  Buffer.concat([
    shortString("ctag"),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 7, 1]),
    shortString("orders"),
    shortString("a.b"),
  ]),
);

test("frames are read wherever the chunks are cut", () => {
  const wire = Buffer.concat([header, deliver, heartbeat, ack]);
  for (let size = 1; size <= wire.length; size += 1) {
    const reader = new FrameReader();
    const frames = [];
    for (let at = 0; at < wire.length; at += size) frames.push(...reader.push(wire.subarray(at, at + size)));
    expect(frames.map((frame) => frame.method ?? frame.type)).toEqual([
      "basic.deliver",
      "heartbeat",
      "basic.ack",
    ]);
  }
});

test("a delivery and an ack give their tag and where they came from", () => {
  const [first, second] = new FrameReader().push(Buffer.concat([deliver, ack]));
  expect(first!.fields).toEqual({
    consumerTag: "ctag",
    deliveryTag: 7,
    redelivered: true,
    exchange: "orders",
    routingKey: "a.b",
  });
  expect(second).toMatchObject({ channel: 3, fields: { deliveryTag: 42, multiple: true } });
});

test("bytes that are no frame are skipped until a chunk begins with one", () => {
  const reader = new FrameReader();
  expect(reader.push(Buffer.from("the end of a body"))).toEqual([]);
  expect(reader.push(ack).map((frame) => frame.method)).toEqual(["basic.ack"]);
});

test("what only looks like the beginning of a frame is skipped as well", () => {
  const reader = new FrameReader();
  // A body frame's type, and a length that no broker allows.
  expect(reader.push(Buffer.from("\u0003 and the end of a body"))).toEqual([]);
  expect(reader.push(Buffer.concat([heartbeat.subarray(0, 7), Buffer.from([0])]))).toEqual([]);
  expect(reader.push(ack).map((frame) => frame.method)).toEqual(["basic.ack"]);
});

test("a method whose arguments cannot be read has no fields", () => {
  const cutOff = methodFrame(1, 60, 80, Buffer.from([0, 0]));
  expect(new FrameReader().push(cutOff)).toMatchObject([{ method: "basic.ack", fields: {} }]);
});

test("a method that nobody knows is still a frame", () => {
  expect(new FrameReader().push(methodFrame(1, 77, 5, Buffer.alloc(0)))).toMatchObject([
    { type: "method", channel: 1 },
  ]);
});

function methodFrame(channel: number, classId: number, methodId: number, rest: Buffer): Buffer {
  const frame = Buffer.alloc(7 + 4 + rest.length + 1);
  frame.writeUInt8(1, 0);
  frame.writeUInt16BE(channel, 1);
  frame.writeUInt32BE(4 + rest.length, 3);
  frame.writeUInt16BE(classId, 7);
  frame.writeUInt16BE(methodId, 9);
  rest.copy(frame, 11);
  frame.writeUInt8(0xce, frame.length - 1);
  return frame;
}

function shortString(text: string): Buffer {
  return Buffer.from([text.length, ...Buffer.from(text)]);
}
