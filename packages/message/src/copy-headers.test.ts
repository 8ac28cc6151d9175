import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { copyHeaders, headerProblem } from "./copy-headers.ts";
import {
  type DecimalHeader,
  decimalHeader,
  type Headers,
  headerLimits,
  type HeaderValue,
  typedHeader,
} from "./headers.ts";

const untyped = (headers: unknown) => headers as Headers;
const nested = (levels: number): unknown => {
  let value: unknown = "deep";
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
};

afterEach(() => {
  delete (Object.prototype as Record<string, unknown>)["polluted"];
});

const leaf: fc.Arbitrary<HeaderValue> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger().map(BigInt),
  fc.date({ min: new Date(0), noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }),
);
const { value: headerValue } = fc.letrec<{ value: HeaderValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ maxLength: 10 }).filter((name) => name !== "!"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
}));
const anyHeaders = fc.dictionary(fc.string({ maxLength: 10 }), headerValue, { maxKeys: 5 });

test("every header that AMQP can carry is copied as it is", () => {
  fc.assert(
    fc.property(anyHeaders, (headers) => {
      const copy = copyHeaders(headers);
      expect(copy.problem).toBeUndefined();
      expect({ ...copy.headers }).toEqual({ ...headers });
    }),
  );
});

test("whatever the headers are, the copy is one that can be sent", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      (anything) => {
        const { headers } = copyHeaders(anything);
        expect(headerProblem(headers)).toBeUndefined();
      },
    ),
  );
});

test("S15 a __proto__ header, which amqplib makes the prototype, is neither seen nor inherited", () => {
  const fromAmqplib = { genuine: 1 };
  Object.setPrototypeOf(fromAmqplib, { isAdmin: true });
  const { headers } = copyHeaders(fromAmqplib);
  expect(headers["isAdmin"]).toBeUndefined();
  expect(Object.getPrototypeOf(headers)).toBeNull();
  expect(Object.keys(headers)).toEqual(["genuine"]);
});

test("S15 nested tables have no prototype either, and an own __proto__ key stays a key", () => {
  const table = Object.setPrototypeOf({ b: 1 }, { isAdmin: true }) as object;
  const own = Object.defineProperty({}, "__proto__", { value: { isAdmin: true }, enumerable: true });
  const { headers, problem } = copyHeaders({ table, list: [table], own });
  expect(problem).toBeUndefined();
  const [inList] = headers["list"] as readonly object[];
  for (const each of [headers["table"] as object, inList as object, headers["own"] as object])
    expect(Object.getPrototypeOf(each)).toBeNull();
  expect(Object.keys(headers["own"] as object)).toEqual(["__proto__"]);
  expect((headers["own"] as Record<string, unknown>)["isAdmin"]).toBeUndefined();
});

test("S16 what a polluted Object.prototype holds is not sent", () => {
  (Object.prototype as Record<string, unknown>)["polluted"] = "leak";
  const { headers } = copyHeaders({ a: { b: 1 } });
  const names: string[] = [];
  for (const name in headers) names.push(name);
  for (const name in headers["a"] as object) names.push(name);
  expect(names).toEqual(["a", "b"]);
});

test("S16 inherited headers of a class instance are not sent", () => {
  class Base {
    own = 1;
    get inherited() {
      return 2;
    }
  }
  expect({ ...copyHeaders(new Base()).headers }).toEqual({ own: 1 });
});

test('S17 a nested "!" key, which amqplib reads as a type, is refused', () => {
  for (const value of [
    { "!": "timestamp", value: 1 },
    [{ "!": "int" }],
    { a: { "!": "nonsense", value: {} } },
  ]) {
    const { headers, problem } = copyHeaders({ before: 1, bad: value, after: 2 });
    expect(problem).toContain('has a key "!", which amqplib reads as a type');
    expect(Object.keys(headers)).toEqual(["before", "after"]);
  }
});

test('S17 only what the adapter itself recognises is converted from a "!" object', () => {
  const timestamp = (value: object) =>
    "!" in value && value["!"] === "timestamp" && "value" in value
      ? new Date(Number(value.value) * 1000)
      : undefined;
  const { headers, problem } = copyHeaders(
    { at: { "!": "timestamp", value: 1 }, bad: { "!": "x" } },
    timestamp,
  );
  expect({ ...headers }).toEqual({ at: new Date(1_000) });
  expect(problem).toMatch(/^headers\.bad /);
});

test("S17 a forged timestamp or decimal is left out, a genuine one is kept", () => {
  const library = (value: object): HeaderValue | undefined => {
    const { "!": type, value: inner } = value as { "!"?: unknown; value?: unknown };
    if (type === "timestamp") return new Date(Number(inner) * 1000);
    return type === "decimal" ? decimalHeader(inner as DecimalHeader["value"]) : undefined;
  };
  const { headers } = copyHeaders(
    {
      price: { "!": "decimal", value: { places: 2, digits: 1234 } },
      forgedPrice: { "!": "decimal", value: { places: -1, digits: 1 } },
      noPrice: { "!": "decimal" },
      noTime: { "!": "timestamp", value: "never" },
    },
    library,
  );
  expect({ ...headers }).toEqual({ price: decimalHeader({ places: 2, digits: 1234 }) });
  expect(headerProblem(headers)).toBeUndefined();
});

test("32 levels are allowed, one more is refused, and so is a cycle", () => {
  expect(headerProblem(untyped({ a: nested(31) }))).toBeUndefined();
  expect(headerProblem(untyped({ a: nested(32) }))).toContain("is nested deeper than 32 levels");
  expect(headerProblem(untyped({ a: nested(5_000) }))).toContain("is nested deeper than 32 levels");
  const cyclic: Record<string, unknown> = {};
  for (const name of "abcdefghij") cyclic[name] = cyclic;
  expect(headerProblem(untyped(cyclic))).toContain("is nested deeper");
  const list: unknown[] = [];
  list.push(list, list, list);
  expect(headerProblem(untyped({ list }))).toContain("is nested deeper");
});

test("a tree that is wide and shallow stops at the size limit", () => {
  let value: unknown = 1;
  for (let level = 0; level < 10; level++) value = Array.from({ length: 100 }, () => value);
  expect(headerProblem(untyped({ value }))).toContain(
    `headers are larger than ${headerLimits.maxBytes} bytes`,
  );
});

test.each([60, 63, 64, 127, 140])("[C22] a header of %i KiB is refused by us, not by the broker", (kib) => {
  expect(headerProblem({ stack: "x".repeat(kib * 1024) })).toBe("headers are larger than 49152 bytes");
});

test("the size counts all headers together, and those that fit are kept", () => {
  const { headers, problem } = copyHeaders({ a: "x".repeat(30_000), b: "x".repeat(30_000), c: "small" });
  expect(problem).toContain("larger");
  expect(Object.keys(headers)).toEqual(["a", "c"]);
});

test.each<[string, unknown, string]>([
  ["undefined", undefined, "headers.bad is undefined"],
  ["undefined in a list", [1, undefined], "headers.bad[1] is undefined"],
  ["a hole in a list", Array.from({ length: 1 }), "headers.bad[0] is undefined"],
  ["NaN", NaN, "headers.bad is NaN"],
  ["Infinity", [-Infinity], "headers.bad[0] is -Infinity"],
  ["a function", () => 1, "headers.bad is a function"],
  ["a symbol", Symbol("s"), "headers.bad is a symbol"],
  ["a large bigint", 2n ** 60n, "headers.bad is beyond 2^53"],
  ["an invalid date", new Date(NaN), "headers.bad is an invalid date"],
  ["a date before 1970", new Date(-1), "headers.bad is a date before 1970"],
  ["a Map", new Map([["a", 1]]), "headers.bad is a Map"],
  ["a RegExp", /x/, "headers.bad is a RegExp"],
  ["a Promise", Promise.resolve(), "headers.bad is a Promise"],
  ["a Float64Array", new Float64Array(1), "headers.bad is a Float64Array"],
  ["a typed byte of 128", typedHeader("byte", 128), "headers.bad does not fit the type byte"],
  ["a typed int of 1.5", typedHeader("int", 1.5), "headers.bad does not fit the type int"],
  ["a typed float beyond 32 bits", typedHeader("float", 1e39), "headers.bad does not fit the type float"],
  ["a typed float of NaN", typedHeader("float", NaN), "headers.bad does not fit the type float"],
  ["a type of no AMQP", typedHeader("word" as "int", 1), 'headers.bad has the unknown type "word"'],
  ["a long name", { ["é".repeat(128)]: 1 }, "headers.bad has a name of 256 bytes"],
])("[C24] %s is refused with its path", (_name, value, problem) => {
  expect(headerProblem(untyped({ good: 1, bad: value }))).toContain(problem);
});

test("a name with control characters is quoted in the problem", () => {
  expect(headerProblem(untyped({ "\u001b[31m": NaN }))).toContain(String.raw`headers["\u001b[31m"] is NaN`);
});

test("typed numbers keep their type and JSON cannot forge one", () => {
  const float = typedHeader("float", 1.5);
  expect(copyHeaders({ float }).headers["float"]).toBe(float);
  expect({
    ...(copyHeaders({ forged: { headerType: "byte", value: 999 } }).headers["forged"] as object),
  }).toEqual({
    headerType: "byte",
    value: 999,
  });
});

test("headers that are no object are a problem, none at all are not", () => {
  expect(copyHeaders(undefined)).toEqual({ headers: {}, problem: undefined, bytes: 0 });
  expect(copyHeaders([1]).problem).toBe("headers are not an object");
  expect(copyHeaders("x").problem).toBe("headers are not an object");
});
