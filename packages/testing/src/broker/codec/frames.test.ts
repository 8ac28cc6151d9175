import fc from "fast-check";
import { expect, test } from "vitest";
import { someBytes } from "./arbitraries.test-support.ts";
import { encodeContentHeader } from "./content-header.ts";
import { FrameReader } from "./frame-reader.ts";
import { contentFrames, frameTypes, heartbeatFrame, protocolHeader } from "./frames.ts";

function read(wire: Buffer, maxFrameBytes: number): { type: number; channel: number; payload: Buffer }[] {
  const frames: { type: number; channel: number; payload: Buffer }[] = [];
  const onFrame = (type: number, channel: number, payload: Buffer): void => {
    frames.push({ type, channel, payload });
  };
  new FrameReader({ maxFrameBytes, onFrame }).push(wire);
  return frames;
}

test("a content is one header frame and its body in pieces of at most the frame limit", () => {
  const limits = fc.oneof(fc.constant(0), fc.integer({ min: 64, max: 20_000 }));
  const bodies = fc.oneof(
    someBytes,
    fc.nat(30_000).map((bytes) => Buffer.alloc(bytes, "body")),
  );
  fc.assert(
    fc.property(bodies, limits, fc.nat(65_535), (body, frameMaxBytes, channel) => {
      const header = encodeContentHeader(body.length, { deliveryMode: 2 });
      const [first, ...pieces] = read(
        Buffer.concat(contentFrames(channel, header, body, frameMaxBytes)),
        frameMaxBytes,
      );
      expect(first).toEqual({ type: frameTypes.header, channel, payload: header });
      expect(pieces.every((piece) => piece.type === frameTypes.body && piece.channel === channel)).toBe(true);
      expect(Buffer.concat(pieces.map((piece) => piece.payload)).equals(body)).toBe(true);
      const most = frameMaxBytes === 0 ? Infinity : frameMaxBytes - 8;
      const fewest = frameMaxBytes === 0 ? 1 : Math.ceil(body.length / most);
      expect(pieces).toHaveLength(body.length === 0 ? 0 : fewest);
      for (const { payload } of pieces) expect(payload.length).toBeLessThanOrEqual(most);
    }),
    { numRuns: 300 },
  );
});

test("a large body is not copied, a small message is one buffer", () => {
  const header = encodeContentHeader(10_000, {});
  const body = Buffer.alloc(10_000);
  expect(contentFrames(1, header, body, 131_072).some((part) => part.buffer === body.buffer)).toBe(true);
  expect(contentFrames(1, header, Buffer.alloc(100), 131_072)).toHaveLength(1);
});

test("an empty body has no body frame", () => {
  expect(read(contentFrames(1, encodeContentHeader(0, {}), Buffer.alloc(0), 4_096)[0]!, 4_096)).toHaveLength(
    1,
  );
});

test("a heartbeat and the protocol header are as the specification has them", () => {
  expect(heartbeatFrame.toString("hex")).toBe("08000000000000ce");
  expect(protocolHeader.toString("latin1")).toBe("AMQP\0\0\u0009\u0001");
});
