import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodePublish, type PlainProperties } from "./encode-publish.ts";

const require = createRequire(import.meta.url);
const amqplib = join(dirname(require.resolve("amqplib")), "lib");

interface Definitions {
  readonly BasicPublish: number;
  readonly BasicProperties: number;
  encodeMethod(method: number, channel: number, fields: object): Buffer;
  encodeProperties(properties: number, channel: number, bodyBytes: number, fields: object): Buffer;
}
const defs = require(join(amqplib, "defs.js")) as Definitions;
const { makeBodyFrame } = require(join(amqplib, "frame.js")) as {
  readonly makeBodyFrame: (channel: number, piece: Buffer) => Buffer;
};

const shortString = fc
  .string({ unit: fc.oneof(fc.constantFrom("a", "é", "€", "😀"), fc.string({ minLength: 1, maxLength: 1 })) })
  .filter((text) => Buffer.byteLength(text) <= 255);
const longestString = fc.constant("x".repeat(255));
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const text = maybe(fc.oneof({ weight: 9, arbitrary: shortString }, longestString));

const properties: fc.Arbitrary<PlainProperties> = fc.record({
  contentType: text,
  contentEncoding: text,
  deliveryMode: maybe(fc.constantFrom(1, 2)),
  priority: maybe(fc.nat(255)),
  correlationId: text,
  replyTo: text,
  expiration: maybe(fc.nat().map(String)),
  messageId: text,
  timestamp: maybe(fc.maxSafeNat()),
  type: text,
  userId: text,
  appId: text,
});

test("a publish is encoded byte for byte as amqplib encodes it", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 65_535 }),
    fc.record({
      exchange: fc.oneof(shortString, longestString),
      routingKey: fc.oneof(shortString, longestString),
      mandatory: fc.boolean(),
    }),
    properties,
    fc.oneof(fc.nat(300), fc.integer({ min: 16_376, max: 16_392 }), fc.nat(60_000)),
    fc.constantFrom(8_192, 16_384, 131_072),
    (channel, fields, given, bodyBytes, frameMax) => {
      const body = Buffer.alloc(bodyBytes, "body ");
      return encoded(channel, fields, given, body, frameMax).equals(
        expected(channel, fields, given, body, frameMax),
      );
    },
  );
  expect(fc.check(property, { numRuns: 500 })).toMatchObject({ failed: false });
});

test("frames written before stay as they were when the block is full", () => {
  const written: Buffer[] = [];
  const fields = { exchange: "e", routingKey: "k", mandatory: true };
  const body = Buffer.alloc(1_000, 7);
  for (let at = 0; at < 500; at++)
    encodePublish(1, fields, { messageId: `${at}` }, body, 131_072, (bytes) => written.push(bytes));
  const frames = Array.from({ length: 500 }, (_, at) =>
    expected(1, fields, { messageId: `${at}` }, body, 131_072),
  );
  expect(Buffer.concat(written).equals(Buffer.concat(frames))).toBe(true);
});

function encoded(...args: Parameters<typeof expected>): Buffer {
  const written: Buffer[] = [];
  encodePublish(...args, (bytes) => written.push(bytes));
  return Buffer.concat(written);
}

function expected(
  channel: number,
  fields: { readonly exchange: string; readonly routingKey: string; readonly mandatory: boolean },
  given: PlainProperties,
  body: Buffer,
  frameMax: number,
): Buffer {
  const frames = [
    defs.encodeMethod(defs.BasicPublish, channel, fields),
    defs.encodeProperties(defs.BasicProperties, channel, body.length, given),
  ];
  for (let from = 0; from < body.length; from += frameMax - 8)
    frames.push(makeBodyFrame(channel, body.subarray(from, from + frameMax - 8)));
  return Buffer.concat(frames);
}
