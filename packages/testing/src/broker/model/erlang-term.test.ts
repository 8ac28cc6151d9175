import { expect, test } from "vitest";
import type { FieldValue } from "../codec/field-table.ts";
import { array, boolean, int64, longstr, table } from "../codec/field-values.ts";
import { erlangTerm, erlangType } from "./erlang-term.ts";

test.each<readonly [printed: string, FieldValue]>([
  ['<<"some">>', longstr("some")],
  ["<<>>", longstr("")],
  ['<<"a\\"b\\\\c">>', longstr('a"b\\c')],
  ["<<0,200>>", { type: "bytes", value: Buffer.from([0, 200]) }],
  ["-5", int64(-5)],
  ["true", boolean(true)],
  ["1.5", { type: "double", value: 1.5 }],
  ["5.0", { type: "double", value: 5 }],
  ["1.0e300", { type: "double", value: 1e300 }],
  ["-0.0", { type: "double", value: -0 }],
  ["{1,50}", { type: "decimal", places: 1, value: 50 }],
  ["undefined", { type: "void" }],
  ['[{longstr,<<"a">>},{byte,1}]', array(longstr("a"), { type: "int8", value: 1 })],
  ['[{<<"a">>,byte,1}]', table({ a: { type: "int8", value: 1 } })],
])("prints %s", (printed, value) => {
  expect(erlangTerm(value)).toBe(printed);
});

test("types have the names that RabbitMQ's parser gave them", () => {
  const types = [
    "boolean",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "bytes",
    "longstr",
  ] as const;
  expect(types.map(erlangType)).toEqual([
    "bool",
    "byte",
    "unsignedbyte",
    "short",
    "unsignedshort",
    "signedint",
    "unsignedint",
    "long",
    "binary",
    "longstr",
  ]);
});
