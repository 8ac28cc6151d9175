import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DeliveryError, WarrenError } from "../errors.ts";
import { jsonCodec } from "./json.ts";
import { quickestMs } from "../quickest.test-support.ts";

const codec = jsonCodec();
const decode = (json: string) => codec.decode(Buffer.from(json));
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

test("every JSON value comes back as JSON.parse gives it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      fc.pre(!/__proto__|constructor/.test(JSON.stringify(value)));
      expect(codec.decode(codec.encode(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("a body in the middle of a larger buffer is decoded alone", () => {
  const chunk = Buffer.from('garbage{"a":1}garbage');
  expect(codec.decode(new Uint8Array(chunk.buffer, chunk.byteOffset + 7, 7))).toEqual({ a: 1 });
});

test("a byte order mark is no part of the JSON", () => {
  expect(decode('\ufeff{"a":1}')).toEqual({ a: 1 });
});

const poison = [
  '{"__proto__":{"isAdmin":true}}',
  String.raw`{"\u005f_proto__":{"isAdmin":true}}`,
  String.raw`{"__\u0070roto__":1}`,
  String.raw`{"\u005F\u005F\u0070\u0072\u006F\u0074\u006F\u005F\u005F":{}}`,
  '{"a":[{"b":{"__proto__":null}}]}',
  '[1,{"__proto__" : {}}]',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  String.raw`{"\u0063onstructor":{"prototype":{}}}`,
  String.raw`{"constructor":{"\u0070rototype":{}}}`,
  String.raw`{"a":{"constructor" : {"prototype":1}}}`,
];

test.each(poison)(
  "S19 a __proto__ or constructor.prototype key is refused, however it is escaped: %s",
  (json) => {
    expect(() => decode(json)).toThrow(
      "[DECODE_FAILED] the JSON body has a __proto__ or constructor.prototype key",
    );
  },
);

test("S19 the words as texts, and a constructor without a prototype, are harmless", () => {
  for (const json of [
    '{"a":"__proto__"}',
    '"__proto__"',
    '{"constructor":"ACME"}',
    '{"constructor":{"name":"x"}}',
  ])
    expect(decode(json)).toEqual(JSON.parse(json));
  expect(decode(String.raw`"\u00e9"`)).toBe("é");
});

test("S20 five million nested arrays are refused before they are parsed", () => {
  const bomb = Buffer.alloc(5_000_000, "[");
  expect(() => codec.decode(bomb)).toThrow("[DECODE_FAILED] the JSON body is nested deeper than 128 levels");
  expect(quickestMs(() => codec.decode(bomb))).toBeLessThan(50);
});

test("S20 the depth limit holds in both directions, to the level", () => {
  expect(decode(nested(128))).toEqual(JSON.parse(nested(128)));
  expect(() => decode(nested(129))).toThrow(DeliveryError);
  expect(() => decode(`{"a":${nested(128)}}`)).toThrow(DeliveryError);
  expect(codec.encode(JSON.parse(nested(128)))).toHaveLength(256);
  expect(() => codec.encode(JSON.parse(nested(129)))).toThrow(
    "[PUBLISH_INVALID] the payload is nested deeper",
  );
  expect(jsonCodec({ maxDepth: 200 }).decode(Buffer.from(nested(200)))).toBeDefined();
});

test("S20 a payload too deep for JSON.stringify is refused in words", () => {
  expect(() => codec.encode(JSON.parse(nested(100_000)))).toThrow(
    "[PUBLISH_INVALID] the payload cannot be written",
  );
});

test("S22 hostile bodies of 100 KB take less than 50 ms", () => {
  const bodies = [
    '"\\u005f'.repeat(14_000),
    '"__proto__'.repeat(10_000),
    '{"a":'.repeat(20_000),
    "1".repeat(100_000),
    '"\\'.repeat(50_000),
  ];
  for (const body of bodies) {
    expect(() => decode(body)).toThrow("[DECODE_FAILED]");
    expect(quickestMs(() => decode(body))).toBeLessThan(50);
  }
});

test("S23 nothing is revived: what looks like a class, a date or code stays data", () => {
  const corpus = [
    '{"type":"Buffer","data":[1,2]}',
    '{"$date":"2020-01-01T00:00:00Z"}',
    '"2020-01-01T00:00:00.000Z"',
    '{"__class__":"Order","_$$ND_FUNC$$_":"function(){process.exit()}()"}',
    '{"!!js/function":"() => 1"}',
    '{"then":"x","toJSON":"y"}',
  ];
  for (const json of corpus) {
    expect(decode(json)).toStrictEqual(JSON.parse(json));
  }
});

test.each(["", "{", "nul", "{'a':1}", "<xml/>", '{"a":1}{"b":2}', "NaN", "\u0000"])(
  "malformed JSON is refused: %j",
  (json) => {
    expect(() => decode(json)).toThrow(DeliveryError);
  },
);

test("the error of a malformed body quotes nothing of it", () => {
  const errors = ["canary-secret", '{"password":canary}', '{"a":"canary', '"canary\n"'].map((json) => {
    try {
      return decode(json);
    } catch (error) {
      return error;
    }
  });
  for (const error of errors) {
    expect(error).toBeInstanceOf(DeliveryError);
    expect((error as DeliveryError).stack).not.toContain("canary");
    expect((error as DeliveryError).cause).toBeUndefined();
  }
});

test("invalid UTF-8 is refused, not replaced", () => {
  for (const bytes of [
    [0xff, 0xfe],
    [0x22, 0xc3, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ])
    expect(() => codec.decode(Buffer.from(bytes))).toThrow(
      "[DECODE_FAILED] the JSON body is not valid UTF-8",
    );
});

test("a genuine U+FFFD is valid", () => {
  expect(decode('"\ufffd é"')).toBe("\ufffd é");
});

test("a whole number that would be rounded is refused, one that is exact is not", () => {
  expect(() => decode('{"id":9007199254740993}')).toThrow(
    "[DECODE_FAILED] the JSON body holds a whole number",
  );
  expect(decode('{"id":9007199254740992}')).toEqual({ id: 2 ** 53 });
  expect(decode('{"id":"9007199254740993"}')).toEqual({ id: "9007199254740993" });
});

test("what JSON cannot hold is refused with the reason", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const throwing = { toJSON: () => { throw new Error("no totals yet"); } }; // prettier-ignore
  for (const payload of [undefined, () => 1, Symbol("s"), 1n, cyclic, throwing])
    expect(() => codec.encode(payload)).toThrow(WarrenError);
  expect(() => codec.encode(throwing)).toThrow(
    "[PUBLISH_INVALID] the payload cannot be written as JSON: no totals yet",
  );
});

test("a misspelt option of the codec is refused", () => {
  expect(() => jsonCodec({ maxdepth: 1 } as object)).toThrow(
    'unknown option "maxdepth". Did you mean "maxDepth"?',
  );
});
