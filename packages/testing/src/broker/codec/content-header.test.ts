import fc from "fast-check";
import { expect, test } from "vitest";
import { amqplibHeaderFrame } from "./amqplib-codec.test-support.ts";
import { properties } from "./arbitraries.test-support.ts";
import { decodeContentHeader, encodeContentHeader } from "./content-header.ts";
import { encodeFrame, frameTypes } from "./frames.ts";

test("a content header comes back as it went, and amqplib writes the same bytes", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), properties, (bodyBytes, each) => {
      const payload = encodeContentHeader(bodyBytes, each);
      expect(decodeContentHeader(payload)).toEqual({ bodyBytes, properties: each });
      const frame = encodeFrame(frameTypes.header, 5, payload);
      expect(frame.toString("hex")).toBe(amqplibHeaderFrame(5, bodyBytes, each).toString("hex"));
    }),
    { numRuns: 500 },
  );
});

test("properties that were left out are absent, not undefined", () => {
  expect(Object.keys(decodeContentHeader(encodeContentHeader(0, { priority: 0 })).properties)).toEqual([
    "priority",
  ]);
});

test("a property that is no UTF-8 leaves as it came", () => {
  const payload = Buffer.from("003c00000000000000000000800002ff41", "hex");
  const { bodyBytes, properties: read } = decodeContentHeader(payload);
  expect(encodeContentHeader(bodyBytes, read)).toEqual(payload);
});

test("the two lowest flags mean nothing, as in RabbitMQ", () => {
  expect(decodeContentHeader(Buffer.from("003c000000000000000000070003", "hex"))).toEqual({
    bodyBytes: 7,
    properties: {},
  });
});

test.for<[what: string, hex: string, replyCode: number]>([
  ["another class", "0032000000000000000000000000", 505],
  ["a weight", "003c000100000000000000000000", 505],
  ["no flags", "003c00000000000000000000", 541],
  ["a text that ends early", "003c0000000000000000000080000541", 541],
  ["headers of 4 GiB", "003c000000000000000000002000ffffffff", 541],
  ["headers without an end", "003c0000000000000000000020000000000501", 541],
  ["bytes after the last property", "003c00000000000000000000000000", 541],
])("a content header with %s is refused", ([, hex, replyCode]) => {
  expect(() => decodeContentHeader(Buffer.from(hex, "hex"))).toThrow(
    expect.objectContaining({ replyCode, scope: "connection" }),
  );
});

test("a body of 2^64 - 1 bytes is announced as one that nobody can send", () => {
  const payload = Buffer.from("003c0000ffffffffffffffff0000", "hex");
  expect(decodeContentHeader(payload).bodyBytes).toBeGreaterThan(2 ** 63);
});
