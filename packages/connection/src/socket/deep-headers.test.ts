import { expect, test } from "vitest";
import { type FrameReceiver, surviveDeepHeaders } from "./deep-headers.ts";

/** A frame with a content header: a content type, an encoding, these header bytes and a delivery mode. */
function contentHeader(table: Buffer, type = 2): Buffer {
  const payload = Buffer.concat([
    Buffer.from([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]),
    Buffer.from([0xf0, 0x00]),
    Buffer.from("\u0004text\u0004gzip", "latin1"),
    table,
    Buffer.of(2),
  ]);
  const head = Buffer.from([type, 0, 1, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.of(0xce)]);
}

function table(...entries: readonly Buffer[]): Buffer {
  const all = Buffer.concat(entries);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(all.length);
  return Buffer.concat([length, all]);
}

const deep = table(Buffer.from("\u0001aF", "latin1"), table(Buffer.alloc(500, "x")));

/** The same bytes with a flag that says there is no table. */
function withoutHeaders(frame: Buffer): Buffer {
  frame.writeUInt16BE(0xd000, 19);
  return frame;
}

/** Reads one frame after another as amqplib does; one whose bytes hold many an x is more than its stack can take. */
function receiverOf(received: Buffer, failure: () => Error): FrameReceiver {
  return {
    rest: received,
    recvFrame(): Buffer | false {
      if (this.rest.length === 0) return false;
      const end = 8 + this.rest.readUInt32BE(3);
      const frame = this.rest.subarray(0, end);
      this.rest = this.rest.subarray(end);
      if (frame.includes("xxxx")) throw failure();
      return frame;
    },
  };
}

const overflow = (): Error => new RangeError("Maximum call stack size exceeded");

test("the header table of one that is too deep is replaced, and all around it stays", () => {
  const next = contentHeader(table());
  const receiver = receiverOf(Buffer.concat([contentHeader(deep), next]), overflow);
  surviveDeepHeaders(receiver);
  const frame = receiver.recvFrame() as Buffer;
  const whole = contentHeader(frame.subarray(31, 31 + 4 + frame.readUInt32BE(31)));
  expect(frame.equals(whole)).toBe(true);
  expect(frame.toString("latin1").split("\u0007headersF")).toHaveLength(34);
  expect((receiver.recvFrame() as Buffer).equals(next)).toBe(true);
  expect(receiver.recvFrame()).toBe(false);
});

test.each([
  [
    "bytes that end too early",
    contentHeader(deep),
    () => Object.assign(overflow(), { code: "ERR_OUT_OF_RANGE" }),
  ],
  ["another error", contentHeader(deep), () => new Error("Invalid frame")],
  ["a frame of another kind", contentHeader(deep, 1), overflow],
  ["a header without headers", withoutHeaders(contentHeader(deep)), overflow],
])("%s stay what they are", (_what, received, failure) => {
  const receiver = receiverOf(received, failure);
  surviveDeepHeaders(receiver);
  expect(() => receiver.recvFrame()).toThrow(failure().message);
});

test("what comes in pieces is read by whoever sees it whole, and the error of another frame stays the same", () => {
  const [whole, method] = [contentHeader(deep), contentHeader(deep, 1)];
  for (const [frame, message] of [
    [whole, undefined],
    [method, "Maximum call stack size exceeded"],
  ] as const) {
    const inner = receiverOf(Buffer.alloc(0), overflow);
    const read = inner.recvFrame.bind(inner);
    let rest: Buffer = frame.subarray(10);
    inner.rest = frame.subarray(0, 10);
    // As amqplib does: what is not whole is read on, by the same function.
    inner.recvFrame = () => {
      if (rest.length === 0) return read();
      inner.rest = Buffer.concat([inner.rest, rest]);
      rest = Buffer.alloc(0);
      return inner.recvFrame();
    };
    surviveDeepHeaders(inner);
    if (message === undefined) expect((inner.recvFrame() as Buffer).includes("headersF")).toBe(true);
    else expect(() => inner.recvFrame()).toThrow(message);
  }
});
