import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOfText, hasLoneSurrogates, textOfBytes } from "./byte-text.ts";

test("any bytes are the same bytes again", () => {
  const octet = fc.oneof(
    fc.nat(255),
    fc.constantFrom(0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x90, 0xb0),
  );
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 20 }), (octets) => {
      const bytes = Buffer.from(octets);
      expect([...bytesOfText(textOfBytes(bytes, 0, bytes.length))]).toEqual(octets);
    }),
    { numRuns: 2_000 },
  );
});

test("UTF-8 is itself, a replacement character that was sent included", () => {
  const bytes = Buffer.from("Grüße 🐇 \uFFFD");
  expect(textOfBytes(bytes, 0, bytes.length)).toBe("Grüße 🐇 \uFFFD");
  expect(hasLoneSurrogates("Grüße 🐇 \uFFFD")).toBe(false);
});

test("bytes that are no UTF-8 stay apart from one another", () => {
  const [one, other] = [Buffer.of(0x61, 0xff), Buffer.of(0x61, 0xfe)].map((bytes) =>
    textOfBytes(bytes, 0, 2),
  );
  expect(one).not.toBe(other);
  expect(hasLoneSurrogates(one!)).toBe(true);
});
