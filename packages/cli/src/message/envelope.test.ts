import { type HeaderValue, typedHeader } from "@warren/message";
import { isTypedHeader } from "@warren/message/authoring";
import { describe, expect, test } from "vitest";
import { type DecodedEnvelope, decodeEnvelope, encodeEnvelope, type EnvelopeMessage } from "./envelope.ts";

const message: EnvelopeMessage = {
  exchange: "orders",
  routingKey: "order.placed.eu",
  queue: "billing",
  redelivered: true,
  deliveryCount: 2,
  receivedAt: new Date("2026-01-31T12:00:00.123Z"),
  properties: {
    contentType: "text/plain",
    persistent: true,
    priority: 3,
    correlationId: "007",
    expirationMs: 60_000,
    messageId: "m-1",
    timestamp: new Date("2026-01-31T11:59:59Z"),
    type: "order.placed",
    appId: "shop",
  },
  body: Buffer.from("päyload\r\n\u001b[1m"),
};

function decoded(line: string | Buffer): DecodedEnvelope {
  const result = decodeEnvelope(Buffer.from(line as string));
  if ("complaint" in result) throw new Error(result.complaint);
  return result.envelope;
}

function complaintOf(value: unknown): string {
  const result = decodeEnvelope(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)));
  return "complaint" in result ? result.complaint : "";
}

describe("the envelope", () => {
  test("has this shape, in its version 1", () => {
    expect(encodeEnvelope(message)).toMatchInlineSnapshot(
      `"{"v":1,"exchange":"orders","routingKey":"order.placed.eu","queue":"billing","redelivered":true,"deliveryCount":2,"receivedAt":"2026-01-31T12:00:00.123Z","properties":{"contentType":"text/plain","priority":3,"correlationId":"007","messageId":"m-1","type":"order.placed","appId":"shop","deliveryMode":2,"expiration":"60000","timestamp":"2026-01-31T11:59:59.000Z"},"body":"päyload\\r\\n\\u001b[1m","bodyEncoding":"utf8"}"`,
    );
  });

  test("gives back exchange, key, properties and body, and keeps what only a delivery has", () => {
    const { exchange, routingKey, properties, body, kept } = decoded(encodeEnvelope(message));
    expect({ exchange, routingKey, properties }).toEqual({
      exchange: message.exchange,
      routingKey: message.routingKey,
      properties: message.properties,
    });
    expect(body).toEqual(message.body);
    expect(kept).toMatchObject({ queue: "billing", redelivered: true, deliveryCount: 2 });
  });

  test.each([
    ["text", Buffer.from("text"), "utf8"],
    ["nothing", Buffer.alloc(0), "utf8"],
    ["a byte order mark", Buffer.from("\ufeffx"), "utf8"],
    ["NUL and line separators", Buffer.from("\0\u2028"), "utf8"],
    ["invalid UTF-8", Buffer.from([0xff, 0xfe, 0]), "base64"],
    ["a lone surrogate's bytes", Buffer.from([0xed, 0xa0, 0x80]), "base64"],
    ["every byte", Buffer.from(Array.from({ length: 256 }, (_, i) => i)), "base64"],
  ])("restores %s to the byte", (_what, body, bodyEncoding) => {
    const line = encodeEnvelope({ ...message, body });
    expect(JSON.parse(line)).toMatchObject({ bodyEncoding });
    expect(line).not.toContain("\n");
    expect(Buffer.compare(decoded(line).body, body)).toBe(0);
  });

  test("shows a body as JSON only where that restores its bytes", () => {
    const form = (text: string) =>
      JSON.parse(encodeEnvelope({ ...message, body: Buffer.from(text) }, "json"));
    expect(form('{"a":[1,null]}')).toMatchObject({ body: { a: [1, null] }, bodyEncoding: "json" });
    for (const text of ['{ "a": 1 }', "1.0", "9007199254740993", "{", ""])
      expect(form(text)).toMatchObject({ body: text, bodyEncoding: "utf8" });
    expect(decoded(encodeEnvelope({ ...message, body: Buffer.from("[1]") }, "json")).body.toString()).toBe(
      "[1]",
    );
  });

  test.each<[string, HeaderValue]>([
    ["text", "x"],
    ["whole number", 42],
    ["fraction", 1.5],
    ["boolean", false],
    ["null", null],
    ["date", new Date("2026-01-31T12:00:00Z")],
    ["bytes", Buffer.from([0, 255])],
    ["table", { a: { b: [new Date(0), "x", { c: Buffer.from("y") }] } }],
    ["list", [1, "two", null, [Buffer.from("z")]]],
    ["integer beyond 2^53", 2n ** 60n],
    ["name that is a number", { "1": "a", "0": Buffer.from("b") }],
  ])("restores a header that is a %s", (_type, value) => {
    const line = encodeEnvelope({ ...message, properties: { headers: { h: value } } });
    expect(decoded(line).properties.headers).toEqual({ h: value });
  });

  test("restores a number's width, and a header called constructor is one", () => {
    const headers = JSON.parse('{"constructor":1}') as Record<string, HeaderValue>;
    headers["w"] = typedHeader("float", 2);
    const restored = decoded(encodeEnvelope({ ...message, properties: { headers } })).properties.headers!;
    expect(Object.keys(restored)).toEqual(["constructor", "w"]);
    expect(isTypedHeader(restored["w"]) && restored["w"]).toMatchObject({ headerType: "float", value: 2 });
  });

  test("keeps fields that it does not know, also among the properties, and forgets the fate of an earlier run", () => {
    const line = JSON.stringify({
      body: "x",
      note: { by: "me" },
      fate: { status: "returned" },
      properties: { clusterId: "c" },
    });
    const { kept, body, properties } = decoded(line);
    expect(properties).toEqual({});
    const again = encodeEnvelope({ exchange: "e", routingKey: "k", properties, body, kept });
    expect(JSON.parse(again)).toEqual({
      v: 1,
      exchange: "e",
      routingKey: "k",
      properties: { clusterId: "c" },
      note: { by: "me" },
      body: "x",
      bodyEncoding: "utf8",
    });
  });

  test("may be as short as a body, of any JSON", () => {
    expect(decoded('{"body":{"a":1}}').body.toString()).toBe('{"a":1}');
    expect(decoded('{"body":"x"}')).toMatchObject({
      exchange: undefined,
      routingKey: undefined,
      properties: {},
    });
  });

  test.each([
    ["{", /^cannot be read as JSON/],
    [[1], /^is no JSON object$/],
    [{}, /^has no body$/],
    [{ v: 2, body: "" }, /^is an envelope of version 2; this warren knows 1$/],
    [{ routingKey: 7, body: "" }, /^routingKey must be a text$/],
    [{ body: "x", bodyEncoding: "base64" }, /^body is no base64$/],
    [{ body: 1, bodyEncoding: "utf8" }, /^body must be a text when bodyEncoding is "utf8"$/],
    [{ body: "", bodyEncoding: "hex" }, /^bodyEncoding must be/],
    [{ body: "", properties: { priority: 300 } }, /^priority: "300" is no whole/],
    [{ body: "", headers: [] }, /^headers must be an object$/],
    [{ body: "", headers: { a: "x" }, headerTypes: { a: "timestamp" } }, /^headers.a is no timestamp$/],
    [{ body: "", headers: { a: "x" }, headerTypes: { a: "int" } }, /^headers.a is no int$/],
    [
      { body: "", headers: { a: "x" }, headerTypes: { a: "decimal" } },
      /^headerTypes: "decimal" at headers.a/,
    ],
    ['{"body":{"id":9007199254740993}}', /^cannot be read as JSON/],
    [`{"body":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /^cannot be read as JSON/],
  ])("refuses %j", (value, complaint) => {
    expect(complaintOf(value)).toMatch(complaint);
  });

  test("S7: holds no control character, whatever the message held", () => {
    const line = encodeEnvelope({
      ...message,
      routingKey: "k\u009b\u202e\u007f",
      body: Buffer.from("\u009b2J"),
    });
    expect(line).toMatch(/^[\u0020-\u007e]*$/u);
  });
});
