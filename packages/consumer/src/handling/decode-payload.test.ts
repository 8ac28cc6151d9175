import { codecs } from "@warren/message";
import { describe, expect, it } from "vitest";
import { checkLimits, decodeUnchecked } from "./decode-payload.ts";
import { delivered } from "../delivery.test-support.ts";

describe("checkLimits", () => {
  it("S17: refuses a nested header whose name amqplib would take for a type", () => {
    const headers = { outer: { inner: { "!": "byte", value: 300 } } };
    expect(() => checkLimits(delivered({ properties: { headers } }), 100)).toThrow(/"!"/);
  });

  it("S14: refuses headers that are too deep or too many, and takes what a broker adds", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 40; level++) deep = [deep];
    expect(() => checkLimits(delivered({ properties: { headers: { deep } } }), 100)).toThrow(/32 levels/);
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`header-${index}`, index]));
    expect(() => checkLimits(delivered({ properties: { headers: many } }), 100)).toThrow(/49152 bytes/);
    const death = { count: 1, reason: "expired", time: { "!": "timestamp", value: 1_700_000_000 } };
    expect(() =>
      checkLimits(
        delivered({ properties: { headers: { "x-death": [death], text: "x".repeat(9_000) } } }),
        100,
      ),
    ).not.toThrow();
  });

  it("S11: refuses a body over the limit", () => {
    expect(() => checkLimits(delivered({ body: Buffer.alloc(101) }), 100)).toThrow(/101 bytes/);
    expect(() => checkLimits(delivered({ body: Buffer.alloc(100) }), 100)).not.toThrow();
  });
});

describe("decodeUnchecked", () => {
  it("[C19] guesses neither a content type nor an encoding", () => {
    const json = { contentType: "application/json" };
    expect(decodeUnchecked(delivered({ properties: json }), codecs())).toEqual({});
    expect(() => decodeUnchecked(delivered(), codecs())).toThrow(/no content type/);
    expect(() =>
      decodeUnchecked(delivered({ properties: { ...json, contentEncoding: "gzip" } }), codecs()),
    ).toThrow(/"gzip"/);
  });
});
