import { describe, expect, test } from "vitest";
import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import { array, boolean, fieldTable, int64, longstr, table } from "../../codec/field-values.ts";
import { versionRules } from "../../version.ts";
import { checkHeadersMatch, headersMatch } from "./headers-match.ts";

const int8 = (value: number): FieldValue => ({ type: "int8", value });
const double = (value: number): FieldValue => ({ type: "double", value });
const bytes = (text: string): FieldValue => ({ type: "bytes", value: Buffer.from(text) });
const timestamp = (value: number): FieldValue => ({ type: "timestamp", value: BigInt(value) });
const decimal = (places: number, value: number): FieldValue => ({ type: "decimal", places, value });
const none: FieldValue = { type: "void" };

const bothVersions = [true, true] as const;
const neitherVersion = [false, false] as const;
const onlyBefore4 = [true, false] as const;

/** On 3.10 and on 4.0, as 3.10.8 and 4.0.5 route it. */
function fits(binding: FieldTable, headers: FieldTable | undefined): readonly boolean[] {
  return [versionRules["3.10"], versionRules["4.0"]].map((rules) =>
    headersMatch(binding, rules.headersComparison)(headers),
  );
}

describe("headersMatch", () => {
  test.each<readonly [string, FieldValue, FieldValue, readonly boolean[]]>([
    ["an integer of another width", int8(5), int64(5), bothVersions],
    ["a double for an integer", double(5), int8(5), onlyBefore4],
    ["an integer for a double", int8(5), double(5), onlyBefore4],
    ["a double beside a large integer", int64(9_007_199_254_740_993n), double(2 ** 53), neitherVersion],
    ["a float for a double", { type: "float", value: 5.5 }, double(5.5), bothVersions],
    ["the other zero", double(-0), double(0), onlyBefore4],
    ["the same text", longstr("x"), longstr("x"), bothVersions],
    ["bytes for a text", longstr("x"), bytes("x"), bothVersions],
    ["another text", longstr("x"), longstr("y"), neitherVersion],
    ["the same truth", boolean(true), boolean(true), bothVersions],
    ["1 for true", boolean(true), int8(1), neitherVersion],
    ["a text for true", boolean(true), longstr("true"), neitherVersion],
    ["anything for a void", none, longstr("x"), bothVersions],
    ["a void for a void", none, none, bothVersions],
    ["a void for a text", longstr("undefined"), none, neitherVersion],
    ["the same timestamp", timestamp(5), timestamp(5), onlyBefore4],
    ["a timestamp that 4.0 takes for milliseconds", timestamp(5000), timestamp(5), [false, true]],
    ["an integer for a timestamp", timestamp(5), int8(5), bothVersions],
    ["the same decimal", decimal(1, 50), decimal(1, 50), bothVersions],
    ["a decimal of the same worth", decimal(1, 50), decimal(2, 500), neitherVersion],
    ["an integer for a decimal", decimal(0, 5), int8(5), neitherVersion],
    ["the same array", array(int8(1), longstr("x")), array(int8(1), longstr("x")), bothVersions],
    ["an array with another width", array(int8(1)), array(int64(1)), neitherVersion],
    ["an array in another order", array(int8(1), int8(2)), array(int8(2), int8(1)), neitherVersion],
    ["the same table", table({ b: int8(1), c: int8(2) }), table({ b: int8(1), c: int8(2) }), bothVersions],
    [
      "a table in another order",
      table({ b: int8(1), c: int8(2) }),
      table({ c: int8(2), b: int8(1) }),
      neitherVersion,
    ],
    ["an empty array for an empty table", table({}), array(), bothVersions],
  ])("%s", (_what, wanted, found, expected) => {
    expect(fits(fieldTable({ a: wanted }), fieldTable({ a: found }))).toEqual(expected);
  });

  const one = int8(1);
  const two = int8(2);
  const mode = (name: string) => longstr(name);

  test.each<readonly [string, Record<string, FieldValue>, Record<string, FieldValue>, boolean]>([
    ["all by default", { a: one, b: two }, { b: two }, false],
    ["all without arguments", {}, {}, true],
    ["all, and more headers", { "x-match": mode("all"), b: two }, { a: one, b: two }, true],
    ["all leaves out x-", { "x-match": mode("all"), "x-a": one }, { b: one }, true],
    ["all-with-x wants x-", { "x-match": mode("all-with-x"), "x-a": one }, { "x-a": two }, false],
    ["all-with-x finds x-", { "x-match": mode("all-with-x"), "x-a": one }, { "x-a": one }, true],
    ["all-with-x leaves out x-match", { "x-match": mode("all-with-x") }, { a: one }, true],
    ["any of them", { "x-match": mode("any"), a: one, b: two }, { b: two }, true],
    ["any of nothing", { "x-match": mode("any") }, { a: one }, false],
    ["any leaves out x-", { "x-match": mode("any"), "x-a": one }, { "x-a": one }, false],
    ["any, by a void", { "x-match": mode("any"), a: none, b: one }, { a: two }, true],
    ["any, with a void that is missing", { "x-match": mode("any"), a: none, b: one }, { b: two }, false],
    ["any-with-x finds x-", { "x-match": mode("any-with-x"), "x-a": one }, { "x-a": one }, true],
    [
      "any-with-x leaves out x-match",
      { "x-match": mode("any-with-x") },
      { "x-match": mode("any-with-x") },
      false,
    ],
  ])("%s", (_what, binding, headers, expected) => {
    expect(fits(fieldTable(binding), fieldTable(headers))).toEqual([expected, expected]);
  });

  test("a message without headers passes where nothing is asked for", () => {
    expect(fits(new Map(), undefined)).toEqual(bothVersions);
    expect(fits(fieldTable({ a: none }), undefined)).toEqual(neitherVersion);
  });
});

describe("checkHeadersMatch", () => {
  test("takes the four modes, and none at all", () => {
    const modes = ["all", "any", "all-with-x", "any-with-x"].map((name) => ({ "x-match": longstr(name) }));
    for (const binding of [...modes, {}]) {
      expect(() => checkHeadersMatch(fieldTable(binding))).not.toThrow();
    }
  });

  test.each<readonly [problem: string, FieldValue]>([
    ['value <<"some">>; expected all, any, all-with-x, or any-with-x', longstr("some")],
    ["type byte (value 5); expected longstr", int8(5)],
    ["type bool (value true); expected longstr", boolean(true)],
    ["type void (value undefined); expected longstr", none],
    ["type double (value 1.5); expected longstr", double(1.5)],
    ['type table (value [{<<"a">>,byte,1}]); expected longstr', table({ a: int8(1) })],
    ['type array (value [{longstr,<<"a">>},{byte,1}]); expected longstr', array(longstr("a"), int8(1))],
  ])("refuses a %s", (problem, value) => {
    expect(() => checkHeadersMatch(fieldTable({ "x-match": value }))).toThrow(
      `PRECONDITION_FAILED - Invalid x-match field ${problem}`,
    );
  });
});
