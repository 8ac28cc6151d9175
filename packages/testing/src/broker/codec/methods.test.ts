import fc from "fast-check";
import { expect, test } from "vitest";
import { amqplibMethodFrame } from "./amqplib-codec.test-support.ts";
import { methodNamed, methodNames } from "./arbitraries.test-support.ts";
import { fieldTable, longstr } from "./field-values.ts";
import { methodFrame } from "./frames.ts";
import { methodTable, type MethodArguments } from "./method-table.ts";
import { carriesContent, decodeMethod, encodeMethod, methodName } from "./methods.ts";

test.for(methodNames)("%s comes back as it went, and amqplib writes the same bytes", (name) => {
  const { classId, methodId } = methodTable[name];
  fc.assert(
    fc.property(methodNamed(name), fc.nat(65_535), ({ arguments: args }, channel) => {
      const payload = encodeMethod(name, args as never);
      expect(decodeMethod(payload)).toEqual({ name, arguments: args });
      const theirs = amqplibMethodFrame(channel, classId * 65_536 + methodId, args);
      expect(methodFrame(channel, name, args as never).toString("hex")).toBe(theirs.toString("hex"));
    }),
    { numRuns: 60 },
  );
});

const ack = encodeMethod("basic.ack", { deliveryTag: 7, multiple: true });

test.for<[what: string, payload: Buffer, replyCode: number, replyText: string]>([
  ["arguments that end early", ack.subarray(0, 8), 501, "FRAME_ERROR - cannot decode <<0,0,0,0>>"],
  [
    "an octet too many",
    Buffer.concat([ack, Buffer.of(9)]),
    501,
    "FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,7,1,9>>",
  ],
  [
    "a table longer than the frame",
    Buffer.from("0032000a0000000000ffffff", "hex"),
    501,
    "FRAME_ERROR - cannot decode <<0,0,0,0,0,255,255,255>>",
  ],
  [
    "a queue whose name is no UTF-8",
    Buffer.from("003c0046000001ff00", "hex"),
    501,
    "FRAME_ERROR - Malformed UTF-8 in shortstr",
  ],
  ["no class", Buffer.from("003c", "hex"), 501, "FRAME_ERROR - cannot decode <<0,60>>"],
  ["an unknown class", Buffer.from("0063000a", "hex"), 540, "NOT_IMPLEMENTED - unknown method 99.10"],
])("a method with %s is refused", ([, payload, replyCode, replyText]) => {
  expect(() => decodeMethod(payload)).toThrow(
    expect.objectContaining({ replyCode, replyText, scope: "connection" }),
  );
});

test("a routing key that is no UTF-8 leaves as it came, as long as it was", () => {
  const routingKey = Buffer.alloc(255, 0xff);
  const payload = Buffer.concat([Buffer.from("003c0028000000ff", "hex"), routingKey, Buffer.of(0)]);
  const { name, arguments: args } = decodeMethod(payload);
  expect(encodeMethod(name, args)).toEqual(payload);
});

test("a delivery tag is exact up to 2^53", () => {
  const deliveryTag = Number.MAX_SAFE_INTEGER;
  const payload = encodeMethod("basic.reject", { deliveryTag, requeue: false });
  expect(payload.readBigUInt64BE(4)).toBe(BigInt(deliveryTag));
  expect(decodeMethod(payload).arguments).toEqual({ deliveryTag, requeue: false });
});

test("the largest delivery tag can be written again, found by mutation", () => {
  const payload = Buffer.from("003c0078ffffffffffffffdc00", "hex");
  const { name, arguments: args } = decodeMethod(payload);
  expect(decodeMethod(encodeMethod(name, args)).arguments).toEqual(args);
});

test("a reply text is cut to 252 bytes and three dots, between two characters", () => {
  const close = { replyCode: 404, classId: 0, methodId: 0 };
  const textOf = (replyText: string): string =>
    (decodeMethod(encodeMethod("channel.close", { ...close, replyText })).arguments as { replyText: string })
      .replyText;
  expect(textOf("x".repeat(255))).toBe("x".repeat(255));
  expect(textOf("x".repeat(256))).toBe(`${"x".repeat(252)}...`);
  expect(textOf("ü".repeat(200))).toBe(`${"ü".repeat(126)}...`);
  expect(textOf(`x${"ü".repeat(200)}`)).toBe(`x${"ü".repeat(125)}...`);
});

test("what does not fit on the wire is a RangeError", () => {
  const qos = { prefetchSize: 0, prefetchCount: 1, global: false };
  expect(() => encodeMethod("basic.qos", { ...qos, prefetchCount: 65_536 })).toThrow(RangeError);
  expect(() => encodeMethod("basic.qos", { ...qos, prefetchSize: -1 })).toThrow(RangeError);
  expect(() => encodeMethod("basic.cancel-ok", { consumerTag: "x".repeat(256) })).toThrow(RangeError);
  expect(() => encodeMethod("basic.cancel-ok", { consumerTag: "ü".repeat(128) })).toThrow(RangeError);
  expect(() => encodeMethod("basic.ack", { deliveryTag: -1, multiple: false })).toThrow(RangeError);
});

test("the methods that carry content are those that the specification names", () => {
  expect(methodNames.filter(carriesContent)).toEqual([
    "basic.publish",
    "basic.return",
    "basic.deliver",
    "basic.get-ok",
  ]);
});

test("the name of a method is told without its arguments", () => {
  expect(methodName(ack.subarray(0, 4))).toBe("basic.ack");
  expect(methodName(ack.subarray(0, 3))).toBeUndefined();
});

test("a table that stays keeps nothing in memory of the chunk that it came in", () => {
  const args = { exchange: "x", type: "direct", passive: false, durable: false, autoDelete: false };
  const payload = encodeMethod("exchange.declare", {
    ...args,
    internal: false,
    noWait: false,
    arguments: fieldTable({ "x-text": longstr("text") }),
  });
  const chunk = Buffer.allocUnsafeSlow(100_000);
  const { arguments: decoded } = decodeMethod(chunk.subarray(0, payload.copy(chunk))) as {
    arguments: MethodArguments<"exchange.declare">;
  };
  const value = decoded.arguments.get("x-text");
  expect(value?.type === "longstr" && value.value.buffer !== chunk.buffer).toBe(true);
});
