import fc from "fast-check";
import { expect, test } from "vitest";
import { method } from "./arbitraries.test-support.ts";
import { FrameReader } from "./frame-reader.ts";
import { encodeFrame, frameTypes, heartbeatFrame, methodFrame } from "./frames.ts";

const maxFrameBytes = 131_072;

function seenBy(chunks: readonly Buffer[], limit = maxFrameBytes): string[] {
  const seen: string[] = [];
  const reader = new FrameReader({
    maxFrameBytes: limit,
    onFrame: (type, channel, payload) => seen.push(`${type} ${channel} ${payload.toString("hex")}`),
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

function head(type: number, channel: number, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(7);
  bytes.writeUInt8(type);
  bytes.writeUInt16BE(channel, 1);
  bytes.writeUInt32BE(payloadBytes, 3);
  return bytes;
}

test("frames are the same wherever the chunks are cut", () => {
  const frame = fc.oneof(
    method.map(({ name, arguments: args }) => methodFrame(7, name, args as never)),
    fc.nat(5_000).map((bytes) => encodeFrame(frameTypes.body, 9, Buffer.alloc(bytes, "body"))),
    fc.constant(heartbeatFrame),
  );
  const cuts = fc.infiniteStream(
    fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3_000 })),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), cuts, (frames, lengths) => {
      const wire = Buffer.concat(frames);
      const chunks: Buffer[] = [];
      for (let at = 0; at < wire.length;) {
        const length = lengths.next().value as number;
        chunks.push(wire.subarray(at, at + length));
        at += length;
      }
      expect(seenBy(chunks)).toEqual(seenBy(frames));
      expect(seenBy(chunks)).toHaveLength(frames.length);
    }),
    { numRuns: 300 },
  );
});

test("a payload within one chunk is a view of it", () => {
  const chunk = encodeFrame(frameTypes.body, 1, Buffer.from("body"));
  const payloads: Buffer[] = [];
  new FrameReader({ maxFrameBytes, onFrame: (_type, _channel, payload) => payloads.push(payload) }).push(
    chunk,
  );
  chunk.write("BODY", 7);
  expect(payloads.map(String)).toEqual(["BODY"]);
});

// The texts are those of RabbitMQ 3.10.8; hostile-frames.broker.test.ts asks it.
test.for<[what: string, bytes: Buffer, text: string]>([
  ["of 4 GiB", head(1, 1, 0xffff_ffff), "type 1, all octets = <<>>: {frame_too_large,4294967295,131064}"],
  ["one byte too large", head(3, 1, 131_073), "type 3, all octets = <<>>: {frame_too_large,131073,131064}"],
  [
    "of an unknown type",
    encodeFrame(9, 1, Buffer.from('a"\\\n')),
    'type 9, all octets = <<"a\\"\\\\\\n">>: unknown_frame',
  ],
  [
    "with another end",
    Buffer.concat([head(1, 1, 4), Buffer.from([0, 20, 0, 10, 0x41])]),
    "type 1, all octets = <<0,20,0,10>>: {invalid_frame_end_marker,65}",
  ],
  [
    "for a heartbeat that has a payload",
    encodeFrame(8, 0, Buffer.of(1)),
    "type 8, all octets = <<1>>: unknown_frame",
  ],
  [
    "too short for a method",
    encodeFrame(1, 1, Buffer.of(0, 60)),
    "type 1, all octets = <<0,60>>: unknown_frame",
  ],
  [
    "too short for a content header",
    encodeFrame(2, 1, Buffer.alloc(11)),
    "type 2, all octets = <<0,0,0,0,0,0,0,0,0,0,0>>: unknown_frame",
  ],
  [
    "of more than sixteen octets that nobody knows",
    encodeFrame(7, 1, Buffer.alloc(17, "A")),
    'type 7, first 16 octets = <<"AAAAAAAAAAAAAAAA">>: unknown_frame',
  ],
])("a frame %s is refused with 501, in one chunk or byte by byte", ([, bytes, text]) => {
  const refusal = expect.objectContaining({ replyCode: 501, replyText: `FRAME_ERROR - ${text}` });
  expect(() => seenBy([bytes])).toThrow(refusal);
  expect(() => seenBy(Array.from(bytes, (octet) => Buffer.of(octet)))).toThrow(refusal);
});

test("a payload as large as the limit is still read, as RabbitMQ does it", () => {
  expect(seenBy([encodeFrame(frameTypes.body, 1, Buffer.alloc(4_096))], 4_096)).toHaveLength(1);
});

test("a limit that is set while a chunk is read holds for the next frame", () => {
  const reader = new FrameReader({
    maxFrameBytes: 4_096,
    onFrame: () => {
      reader.maxFrameBytes = maxFrameBytes;
    },
  });
  const large = encodeFrame(frameTypes.body, 1, Buffer.alloc(10_000));
  expect(() => reader.push(Buffer.concat([heartbeatFrame, large]))).not.toThrow();
});

test("a frame that arrives byte by byte takes no more memory than its own length", () => {
  const reader = new FrameReader({ maxFrameBytes, onFrame: () => undefined });
  let largest = 0;
  const push = (bytes: Buffer): void => {
    reader.push(bytes);
    largest = Math.max(largest, reader.heldCapacityBytes);
  };
  push(head(3, 1, 131_072));
  for (let sent = 0; sent < 131_072; sent += 1) push(Buffer.of(0x41));
  expect(largest).toBe(131_080);
  push(Buffer.of(0xce));
  expect(reader.heldCapacityBytes).toBe(0);
});

test("an announced length without a limit costs no more than the bytes that arrive", () => {
  const reader = new FrameReader({ maxFrameBytes: 0, onFrame: () => undefined });
  reader.push(head(3, 1, 0xffff_ffff));
  reader.push(Buffer.alloc(200_000));
  expect(reader.heldCapacityBytes).toBeLessThanOrEqual(400_000);
});
