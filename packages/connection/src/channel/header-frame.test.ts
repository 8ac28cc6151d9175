import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type HeaderValue, decimalHeader, typedHeader } from "@warren/message";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { headerFrameProblem } from "./header-frame.ts";
import { toWireHeaders, type WireProperties } from "./wire-properties.ts";

const require = createRequire(import.meta.url);
const defs = require(join(dirname(require.resolve("amqplib")), "lib", "defs.js")) as {
  readonly BasicProperties: number;
  encodeProperties(properties: number, channel: number, bodyBytes: number, fields: object): Buffer;
};

/** A nested "!" is amqplib's mark of a type, and refused before. */
const name = fc.string({ maxLength: 9 }).filter((each) => each !== "!");

const value: fc.Arbitrary<HeaderValue> = fc.letrec<{ value: HeaderValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.constantFrom(
      127,
      128,
      -128,
      -129,
      32_767,
      32_768,
      -32_769,
      2 ** 31,
      -(2 ** 31),
      2 ** 52,
      2 ** 70,
      0.5,
    ),
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
    fc.uint8Array(),
    fc.date({ min: new Date(0), noInvalidDate: true }),
    fc.constantFrom(typedHeader("byte", 1), typedHeader("short", 1), typedHeader("int", 1)),
    fc.constantFrom(typedHeader("int64", 1), typedHeader("float", 1), typedHeader("double", 1)),
    fc.constant(decimalHeader({ places: 1, digits: 1 })),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
})).value;

const properties = fc.record({
  headers: fc.dictionary(fc.string({ unit: "binary", maxLength: 60 }), value, { maxKeys: 6 }),
  messageId: fc.option(fc.string({ unit: "binary", maxLength: 60 }), { nil: undefined }),
  expiration: fc.option(fc.nat().map(String), { nil: undefined }),
  priority: fc.option(fc.nat(255), { nil: undefined }),
  timestamp: fc.option(fc.nat(), { nil: undefined }),
  deliveryMode: fc.constantFrom(1, 2),
});

test("a frame that is exactly large enough is no problem, and one byte less is", () => {
  fc.assert(
    fc.property(properties, ({ headers, ...others }) => {
      const wire: WireProperties = { ...others, headers: toWireHeaders(headers) };
      const { length } = defs.encodeProperties(defs.BasicProperties, 1, 7, wire);
      expect(headerFrameProblem(wire, length)).toBeUndefined();
      expect(headerFrameProblem(wire, length - 1)).toContain(`take ${length} bytes`);
    }),
    { numRuns: 500 },
  );
});
