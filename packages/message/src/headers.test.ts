import { expect, expectTypeOf, test } from "vitest";
import {
  decimalHeader,
  type Headers,
  type HeaderValue,
  isDecimalHeader,
  isTypedHeader,
  typedHeader,
} from "./headers.ts";

test("a typed header is recognised and looks like its data", () => {
  const header = typedHeader("short", 7);
  expect(isTypedHeader(header)).toBe(true);
  expect({ ...header }).toEqual({ headerType: "short", value: 7 });
});

test("a decimal header is recognised, and not as a number with a width", () => {
  const price = decimalHeader({ places: 2, digits: 1234 });
  expect([isDecimalHeader(price), isTypedHeader(price)]).toEqual([true, false]);
  expect(isDecimalHeader({ headerType: "decimal", value: { places: 0, digits: 1 } })).toBe(false);
});

test("S17 data that merely looks like a typed header is none", () => {
  for (const value of [{ headerType: "short", value: 7 }, { ...typedHeader("short", 7) }, null, 7])
    expect(isTypedHeader(value)).toBe(false);
});

test("a header that AMQP cannot carry is a compile error", () => {
  expectTypeOf({ a: [1, { b: new Date() }], c: null, d: 1n, e: new Uint8Array() }).toExtend<Headers>();
  expectTypeOf<undefined>().not.toExtend<HeaderValue>();
  expectTypeOf<() => void>().not.toExtend<HeaderValue>();
  expectTypeOf<symbol>().not.toExtend<HeaderValue>();
});
