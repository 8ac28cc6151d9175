import { expect, test } from "vitest";
import { array, boolean, fieldTable, int64, longstr, table } from "./field-values.ts";
import { jsonOf, tableOf } from "./json-table.ts";

test("a table becomes JSON without the widths of its numbers", () => {
  const shown = jsonOf(
    fieldTable({
      text: longstr("ä"),
      bytes: { type: "bytes", value: Buffer.from("b") },
      byte: { type: "int8", value: -1 },
      long: int64(7),
      time: { type: "timestamp", value: 1_700_000_000n },
      price: { type: "decimal", places: 2, value: 1250 },
      half: { type: "double", value: 0.5 },
      yes: boolean(true),
      nothing: { type: "void" },
      list: array(longstr("a"), int64(1)),
      inner: table({ __proto__x: longstr("y") }),
    }),
  );
  expect(shown).toEqual({
    text: "ä",
    bytes: "b",
    byte: -1,
    long: 7,
    time: 1_700_000_000,
    price: 12.5,
    half: 0.5,
    yes: true,
    nothing: null,
    list: ["a", 1],
    inner: { __proto__x: "y" },
  });
});

test("JSON becomes a table with the types that RabbitMQ gives it", () => {
  const json = JSON.parse('{"a":"t","b":60000,"c":1.5,"d":true,"e":null,"f":[1],"g":{"__proto__":"x"}}');
  expect(tableOf(json)).toEqual(
    fieldTable({
      a: longstr("t"),
      b: int64(60_000),
      c: { type: "double", value: 1.5 },
      d: boolean(true),
      e: { type: "void" },
      f: array(int64(1)),
      g: { type: "table", value: new Map([["__proto__", longstr("x")]]) },
    }),
  );
  expect(JSON.stringify(jsonOf(tableOf(json)))).toBe(JSON.stringify(json));
});
