import { isTypedHeader } from "@warren/message/authoring";
import { describe, expect, test } from "vitest";
import { parseHeaderFlag } from "./header-flag.ts";

describe("parseHeaderFlag", () => {
  test.each([
    ["name=value", "name", "value"],
    ["empty=", "empty", ""],
    ["zip=007", "zip", "007"],
    ["query=a=b:c", "query", "a=b:c"],
    ["n:int=42", "n", 42],
    ["n:int=-9007199254740991", "n", -9_007_199_254_740_991],
    ["on:bool=true", "on", true],
    ['tags:json=["a",{"b":null}]', "tags", ["a", { b: null }]],
    ["at:time=2026-01-31T12:00:00Z", "at", new Date("2026-01-31T12:00:00Z")],
    ["at:time=1769860800", "at", new Date("2026-01-31T12:00:00Z")],
    ["raw:bytes=AP8=", "raw", Buffer.from([0, 255])],
    ["urn:isbn:string=0", "urn:isbn", "0"],
  ])("%s", (written, name, value) => {
    expect(parseHeaderFlag(written)).toEqual({ name, value });
  });

  test("a whole float stays a float on the wire", () => {
    const parsed = parseHeaderFlag("f:float=1");
    expect("value" in parsed && isTypedHeader(parsed.value) && parsed.value).toMatchObject({
      headerType: "double",
      value: 1,
    });
  });

  test.each([
    ["name", '"name" has no "=": write key=value or key:type=value'],
    ["=x", '"=x" has no key'],
    [
      "a:itn=1",
      'a: "itn" is no type of a header (string, int, float, bool, json, time, bytes). Did you mean "int"?',
    ],
    [
      "a:int=1.5",
      'a: "1.5" is no whole number between -2^53 and 2^53; to send it as text, write a:string=1.5',
    ],
    ["a:int=", expect.stringMatching(/^a: "" is no whole number/)],
    ["a:bool=yes", expect.stringMatching(/^a: "yes" is neither true nor false; /)],
    ["a:json={", expect.stringMatching(/^a: "{" is no JSON; /)],
    ["a:float=", expect.stringMatching(/^a: "" is no number; /)],
    [
      "a:time=yesterday",
      expect.stringMatching(
        /^a: "yesterday" is no time such as 2026-01-31T12:00:00Z, nor seconds since 1970; /,
      ),
    ],
    ["a:bytes=%%", expect.stringMatching(/^a: "%%" is no base64; /)],
    ["urn:isbn=0", expect.stringMatching(/If the key is "urn:isbn", write urn:isbn:string=…$/)],
    ["a:__proto__=1", expect.stringContaining('a: "__proto__" is no type of a header')],
  ])("%s is refused", (written, complaint) => {
    expect(parseHeaderFlag(written)).toEqual({ complaint });
  });
});
