import { expect, test } from "vitest";
import { frame, FrameReader, frameType, method, methodFrame, shortString } from "./frames.ts";

function read(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const reader = new FrameReader((type, bytes, start, end) => {
    seen.push(`${type}:${bytes.toString("latin1", start, end)}`);
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

const three = Buffer.concat([
  frame(frameType.body, 1, Buffer.from("one")),
  frame(frameType.body, 1, Buffer.alloc(0)),
  frame(frameType.header, 1, Buffer.from("three")),
]);

test("a reader finds the same frames wherever the stream is cut", () => {
  const whole = read([three]);
  expect(whole).toEqual(["3:one", "3:", "2:three"]);
  for (let cut = 1; cut < three.length; cut += 1) {
    expect(read([three.subarray(0, cut), three.subarray(cut)])).toEqual(whole);
  }
  expect(read(Array.from(three, (byte) => Buffer.of(byte)))).toEqual(whole);
});

test("a reader refuses a frame without its end octet", () => {
  const broken = Buffer.from(three);
  broken[10] = 0;
  expect(() => read([broken])).toThrow("frame boundary");
});

test("a method frame carries class, method and fields", () => {
  const bytes = methodFrame(7, method.connectionOpen, shortString("/"));
  expect(bytes.toString("hex")).toBe("01000700000006000a0028012fce");
});
