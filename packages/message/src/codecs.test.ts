import { expect, test } from "vitest";
import { codecs } from "./codecs.ts";
import { DeliveryError } from "./errors.ts";

const all = codecs();

test.each([
  ["application/json", "application/json"],
  ["Application/JSON; charset=utf-8", "application/json"],
  ['text/plain;format=flowed; charset="UTF-8"', "text/plain"],
  ["application/json;charset=us-ascii", "application/json"],
  ["application/octet-stream", "application/octet-stream"],
])("%s is decoded as %s", (contentType, codec) => {
  expect(all.for(contentType).contentType).toBe(codec);
});

test.each([
  [undefined, "no content type"],
  ["", "no content type"],
  ["application/jsno", 'Did you mean "application/json"?'],
  ["text/xml", 'no codec for the content type "text/xml"'],
  ["application/json; charset=utf-16", 'no codec for the charset "utf-16"'],
  ["constructor", "no codec"],
])("the content type %s is refused and never guessed at", (contentType, reason) => {
  expect(() => all.for(contentType)).toThrow(DeliveryError);
  expect(() => all.for(contentType)).toThrow(reason);
});

test("a codec of the application stands beside the built-in ones or in place of one", () => {
  const xml = { contentType: "application/xml", encode: () => new Uint8Array(), decode: () => "xml" };
  const json = { contentType: "application/json", encode: () => new Uint8Array(), decode: () => "json" };
  const mine = codecs(xml, json);
  expect(mine.for("application/xml; charset=utf-8")).toBe(xml);
  expect(mine.for("application/json")).toBe(json);
  expect(mine.for("text/plain").contentType).toBe("text/plain");
});

test("control characters in a content type are quoted in the error", () => {
  expect(() => all.for("\u001b[31mred")).toThrow(String.raw`\u001b[31mred`);
});
