import { describe, expect, test } from "vitest";
import type { FieldValue } from "../../codec/field-table.ts";
import { array, boolean, fieldTable, int64, longstr, table } from "../../codec/field-values.ts";
import type { Message } from "../message.ts";
import { hasCarbonCopies, routingKeysOf, withoutBlindCopies } from "./carbon-copies.ts";

const message = (headers?: Readonly<Record<string, FieldValue>>): Message => ({
  exchange: "",
  routingKey: "k",
  properties: { messageId: "m", ...(headers && { headers: fieldTable(headers) }) },
  body: Buffer.from("body"),
  header: Buffer.from("as the publisher sent it"),
});

describe("routingKeysOf", () => {
  test("takes the texts of CC and BCC after the message's own key", () => {
    const copies = message({
      BCC: array(longstr("b")),
      CC: array(longstr("c"), int64(5), { type: "bytes", value: Buffer.from("x") }, longstr("c")),
    });
    expect(hasCarbonCopies(copies)).toBe(true);
    expect(routingKeysOf(copies)).toEqual(["k", "c", "c", "b"]);
  });

  test("is the message's own key without such headers", () => {
    expect(routingKeysOf(message())).toEqual(["k"]);
    expect(routingKeysOf(message({ cc: array(longstr("c")) }))).toEqual(["k"]);
    expect(hasCarbonCopies(message())).toBe(false);
    expect(hasCarbonCopies(message({ cc: array(longstr("c")) }))).toBe(false);
  });

  test.each<readonly [name: string, type: string, FieldValue]>([
    ["CC", "longstr", longstr("a")],
    ["BCC", "longstr", longstr("a")],
    ["CC", "void", { type: "void" }],
    ["CC", "bool", boolean(true)],
    ["CC", "table", table({})],
  ])("refuses a %s header of type %s", (name, type, value) => {
    expect(() => routingKeysOf(message({ [name]: value }))).toThrow(
      `PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,"${name}",${type}}`,
    );
  });
});

describe("withoutBlindCopies", () => {
  test("takes BCC away, keeps its keys for dead letters and drops the header frame that shows it", () => {
    const blind = message({ a: int64(1), BCC: array(longstr("b")), CC: array(longstr("c")) });
    const received = withoutBlindCopies(blind);
    expect([...(received.properties.headers?.keys() ?? [])]).toEqual(["a", "CC"]);
    expect(received.blindCopies).toEqual(["b"]);
    expect(received.header).toBeUndefined();
    expect(received.properties.messageId).toBe("m");
    expect(blind.properties.headers?.has("BCC")).toBe(true);
  });

  test("leaves other messages as they are", () => {
    const plain = message({ CC: array(longstr("c")) });
    expect(withoutBlindCopies(plain)).toBe(plain);
  });
});
