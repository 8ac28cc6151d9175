import * as fc from "fast-check";
import { expect, test } from "vitest";
import { textCodec } from "./text.ts";

const codec = textCodec();

test("every text comes back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(codec.decode(codec.encode(text))).toBe(text);
    }),
  );
});

test("what UTF-8 cannot hold is refused, not replaced", () => {
  expect(() => codec.encode("half \ud83d")).toThrow("[PUBLISH_INVALID]");
  expect(() => codec.encode(42)).toThrow("[PUBLISH_INVALID] text/plain takes a text, not number");
  expect(() => codec.decode(Buffer.from([0xff, 0xfe]))).toThrow("[DECODE_FAILED]");
});
