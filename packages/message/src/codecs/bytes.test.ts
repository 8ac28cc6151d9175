import { expect, test } from "vitest";
import { bytesCodec } from "./bytes.ts";

const codec = bytesCodec();

test("the handler's bytes are a copy that outlives the network buffer", () => {
  const body = Buffer.from([1, 2, 3]);
  const decoded = codec.decode(body) as Uint8Array;
  body.fill(0);
  expect([...decoded]).toEqual([1, 2, 3]);
});

test("bytes go out as they are and nothing else does", () => {
  const bytes = new Uint8Array([1]);
  expect(codec.encode(bytes)).toBe(bytes);
  expect(() => codec.encode("text")).toThrow("[PUBLISH_INVALID]");
});
