import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldTable } from "./arbitraries.test-support.ts";
import { decodeFields, encodeFields, maxTableDepth } from "./field-table-codec.ts";
import type { FieldTable, FieldValue } from "./field-table.ts";
import { longstr } from "./field-values.ts";
import { nestedFields } from "./frame-corpus.test-support.ts";

test("a table comes back as it went, with its types and in its order", () => {
  fc.assert(
    fc.property(fieldTable, (table) => {
      const decoded = decodeFields(encodeFields(table));
      expect(decoded).toEqual(table);
      expect([...decoded.keys()]).toEqual([...table.keys()]);
    }),
    { numRuns: 500 },
  );
});

test.for(["F", "A"] as const)("a %s of 32 levels is read, one of 33 refused with 502", (tag) => {
  expect(() => decodeFields(nestedFields(tag, maxTableDepth))).not.toThrow();
  expect(() => decodeFields(nestedFields(tag, maxTableDepth + 1))).toThrow(
    expect.objectContaining({ replyCode: 502, scope: "connection" }),
  );
});

test("a table of 33 levels is not written either", () => {
  let table: FieldTable = new Map();
  for (let level = 2; level <= maxTableDepth; level += 1)
    table = new Map<string, FieldValue>([["a", { type: "table", value: table }]]);
  expect(() => encodeFields(table)).not.toThrow();
  expect(() => encodeFields(new Map([["a", { type: "table", value: table }]]))).toThrow(
    expect.objectContaining({ replyCode: 502 }),
  );
});

test("a table bomb in a frame is refused before its inner levels are read", () => {
  expect(() => decodeFields(nestedFields("F", 10_000))).toThrow(expect.objectContaining({ replyCode: 502 }));
});

test("__proto__ and constructor are keys like any other", () => {
  const bytes = encodeFields(
    new Map<string, FieldValue>([
      ["__proto__", { type: "table", value: new Map([["isAdmin", { type: "boolean", value: true }]]) }],
      ["constructor", longstr("x")],
    ]),
  );
  const table = decodeFields(bytes);
  expect([...table.keys()]).toEqual(["__proto__", "constructor"]);
  expect(Object.getPrototypeOf(table)).toBe(Map.prototype);
  expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
});

test("a key of 255 bytes is written, one of 256 is a RangeError", () => {
  expect(decodeFields(encodeFields(new Map([["ü".repeat(127) + "x", longstr("")]]))).size).toBe(1);
  expect(() => encodeFields(new Map([["ü".repeat(128), longstr("")]]))).toThrow(RangeError);
});

test("a key that stands twice has its last value", () => {
  const twice = Buffer.concat([1, 2].map((value) => Buffer.from([1, 97, 98, value])));
  expect([...decodeFields(twice)]).toEqual([["a", { type: "int8", value: 2 }]]);
});

test("L is read as a long of 64 bits, and written as l", () => {
  const fields = Buffer.from([1, 97, 76, 0, 0, 0, 0, 0, 0, 0, 5]);
  expect(decodeFields(fields).get("a")).toEqual({ type: "int64", value: 5n });
  expect(String.fromCharCode(encodeFields(decodeFields(fields))[2]!)).toBe("l");
});

test.for<[what: string, hex: string]>([
  ["an unknown type", "01615a"],
  ["a key without its end", "0561"],
  ["a key without a value", "0161"],
  ["a text longer than the table", "016153000000ff61"],
  ["a text of 4 GiB", "016153ffffffff"],
  ["an array longer than the table", "01614100000001"],
  ["an inner table that ends within a value", "016146000000040161490000000000"],
  ["a double that is no number", "0161647ff8000000000000"],
  ["an infinite float", "0161667f800000"],
])("%s is malformed: 502", ([, hex]) => {
  expect(() => decodeFields(Buffer.from(hex, "hex"))).toThrow(
    expect.objectContaining({ replyCode: 502, replyText: "SYNTAX_ERROR - malformed field table" }),
  );
});

test.for<FieldValue>([
  { type: "int8", value: 128 },
  { type: "uint8", value: 256 },
  { type: "int16", value: -32_769 },
  { type: "uint16", value: -1 },
  { type: "int32", value: 2 ** 31 },
  { type: "uint32", value: 2 ** 32 },
  { type: "int64", value: 2n ** 63n },
  { type: "timestamp", value: -1n },
  { type: "double", value: Number.NaN },
  { type: "float", value: Number.POSITIVE_INFINITY },
  { type: "decimal", places: 256, value: 1 },
])("a number that does not fit its type is a RangeError: %o", (value) => {
  expect(() => encodeFields(new Map([["a", value]]))).toThrow(RangeError);
});

test("an encoder that has thrown starts afresh", () => {
  expect(() => encodeFields(new Map<string, FieldValue>([["a", { type: "int8", value: 128 }]]))).toThrow(
    RangeError,
  );
  expect(encodeFields(new Map())).toEqual(Buffer.alloc(0));
});
