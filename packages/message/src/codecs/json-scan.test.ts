import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isDeeperThan, lossyInteger } from "./json-scan.ts";

const deeper = (json: string, maxDepth: number) => isDeeperThan(Buffer.from(json), json, maxDepth);

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test("the depth agrees with what JSON.parse builds", () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 12, stringUnit: "binary" }),
      fc.integer({ min: 1, max: 8 }),
      (json, maxDepth) => {
        expect(deeper(json, maxDepth)).toBe(depthOf(JSON.parse(json)) > maxDepth);
      },
    ),
  );
});

test("brackets and escaped quotes inside texts do not count", () => {
  const json = JSON.stringify({ a: '[{[{[{"\\', b: String.raw`\"[[[[`, '{{{"': ["]"] });
  expect(deeper(json, 2)).toBe(false);
  expect(deeper(json, 1)).toBe(true);
});

test("many brackets side by side are not deep", () => {
  expect(deeper(`[${"{},".repeat(1_000)}{}]`, 2)).toBe(false);
});

test("whatever the bytes, the scans end and answer", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("[", "{", "]", "}", '"', "\\", "1", "e", ".") }),
      (text) => {
        expect(typeof deeper(text, 3)).toBe("boolean");
        expect(typeof lossyInteger(Buffer.from(text))).toBe("boolean");
      },
    ),
  );
});

test("an integer is lossy exactly when its double has other digits", () => {
  const digits = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
  fc.assert(
    fc.property(fc.array(digits, { maxLength: 5 }), (numbers) => {
      const lossy = numbers.some(
        (each) => BigInt(Number(each)) !== each && String(Number(each)) !== String(each),
      );
      expect(lossyInteger(Buffer.from(`{"a":[${numbers.join(", ")}]}`))).toBe(lossy);
    }),
  );
});

test("numbers that JavaScript writes are never lossy", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      expect(lossyInteger(Buffer.from(JSON.stringify([number])))).toBe(false);
    }),
  );
});

test("digits in texts, fractions and exponents are left alone", () => {
  expect(lossyInteger(Buffer.from('{"id":"9007199254740993","12345678901234567890":1}'))).toBe(false);
  expect(
    lossyInteger(Buffer.from("[0.12345678901234567890123, 9007199254740993.5, 9007199254740993e3]")),
  ).toBe(false);
  expect(lossyInteger(Buffer.from('{"text":"\\"", "id": -9007199254740993}'))).toBe(true);
});
