import { gzipSync } from "node:zlib";
import type { WireProperties } from "@warren/connection";
import { defineMessage } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { on, onAny } from "./handling/handler.ts";
import { createWorld, Seen } from "./world.test-support.ts";

const broker = useBroker();
const order = { type: "order", contentType: "application/json" } as const;
const good = Buffer.from('{"id":"a","total":1}');

interface Hostile {
  readonly what: string;
  readonly body?: Buffer;
  readonly properties?: WireProperties;
  readonly code: string;
  readonly reason: RegExp;
}

function nested(levels: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < levels; level++) value = { deeper: value };
  return value;
}

const corpus: readonly Hostile[] = [
  { what: "malformed JSON", body: Buffer.from('{"id":"a"'), code: "DECODE_FAILED", reason: /not JSON/ },
  { what: "an empty body", body: Buffer.alloc(0), code: "DECODE_FAILED", reason: /not JSON/ },
  {
    what: "a number that JavaScript would round",
    body: Buffer.from('{"id":"a","total":9007199254740993}'),
    code: "DECODE_FAILED",
    reason: /2\^53/,
  },
  {
    what: "invalid UTF-8",
    body: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    code: "DECODE_FAILED",
    reason: /UTF-8/,
  },
  {
    what: "S19: a __proto__ key",
    body: Buffer.from('{"id":"a","\\u005f_proto__":{"isAdmin":true}}'),
    code: "DECODE_FAILED",
    reason: /__proto__/,
  },
  {
    what: "S20: brackets without end",
    body: Buffer.from("[".repeat(100_000)),
    code: "DECODE_FAILED",
    reason: /nested deeper/,
  },
  {
    what: "S21: a decompression bomb",
    body: gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    properties: { ...order, contentEncoding: "gzip" },
    code: "DECODE_FAILED",
    reason: /larger than/,
  },
  {
    what: "an unknown content encoding",
    properties: { ...order, contentEncoding: "rot13" },
    code: "DECODE_FAILED",
    reason: /"rot13"/,
  },
  {
    what: "no content type",
    properties: { type: "order" },
    code: "DECODE_FAILED",
    reason: /no content type/,
  },
  {
    what: "an unknown content type",
    properties: { type: "order", contentType: "application/x-java-serialized-object" },
    code: "DECODE_FAILED",
    reason: /no codec/,
  },
  {
    what: "S23: a type that nobody handles",
    properties: { type: "__proto__", contentType: "application/json" },
    code: "UNKNOWN_TYPE",
    reason: /"__proto__"/,
  },
  {
    what: "S23: no type",
    properties: { contentType: "application/json" },
    code: "UNKNOWN_TYPE",
    reason: /no type/,
  },
  {
    what: "S23: a payload that fails its schema",
    body: Buffer.from('{"id":7}'),
    code: "SCHEMA_FAILED",
    reason: /id: /,
  },
  {
    what: "S11: a body over the limit",
    body: Buffer.from(JSON.stringify({ id: "x".repeat(3 * 1024 * 1024) })),
    code: "DECODE_FAILED",
    reason: /more than maxBodyBytes 2097152/,
  },
  {
    what: "S14: headers nested too deeply",
    properties: { ...order, headers: { bomb: nested(200) } },
    code: "DECODE_FAILED",
    reason: /nested deeper than 32 levels/,
  },
];

describe("a message that cannot be handled", () => {
  it.for(corpus)(
    "[C18, C19, C20, C21] is dead-lettered at once with the reason and its own bytes: $what",
    async (hostile, context) => {
      if (broker.kind === "embedded" && hostile.what.startsWith("S14"))
        context.skip("The embedded broker takes no such headers.");
      await using world = await createWorld(broker.url);
      const handled = new Seen<string>();
      const consumer = await world.started({
        maxBodyBytes: 2 * 1024 * 1024,
        handlers: [on(world.Order, ({ id }) => void handled.add(id))],
      });
      await world.publishWire(hostile.body ?? good, hostile.properties ?? order);
      const [dead] = await world.take(1);
      expect(dead!.content.equals(hostile.body ?? good)).toBe(true);
      expect(dead!.properties.headers).toMatchObject({
        "x-warren-error-code": hostile.code,
        "x-warren-error-message": expect.stringMatching(hostile.reason),
        "x-warren-attempt": 1,
      });
      expect(dead!.properties.contentType).toBe((hostile.properties ?? order).contentType);
      // The consumer is none the worse for it.
      await world.order("after");
      await handled.until(1);
      await consumer.idle();
      expect(handled.items).toEqual(["after"]);
    },
  );

  it("S15: a __proto__ header reaches neither the handler nor the dead letter", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<unknown>();
    await world.started({
      handlers: [
        on(world.Order, (_order, { headers }) => {
          seen.add([(headers as { isAdmin?: unknown }).isAdmin, Object.keys(headers)]);
          throw new Error("boom");
        }),
      ],
    });
    const headers = JSON.parse('{"__proto__":{"isAdmin":true},"tenant":"eu"}') as Record<string, unknown>;
    await world.publishWire(good, { ...order, headers });
    const [dead] = await world.take(1);
    expect(seen.items[0]).toEqual([undefined, ["tenant"]]);
    expect((dead!.properties.headers as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it("S10: a user id in the headers is no identity", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<unknown>();
    await world.started({
      handlers: [on(world.Order, (_order, { properties }) => void seen.add(properties.userId))],
    });
    await world.order("a", { headers: { "x-warren-user-id": "admin", userId: "admin" } });
    await seen.until(1);
    expect(seen.items).toEqual([undefined]);
  });

  it("[C19] onAny gets bytes of any content type, and guesses nothing when it asks for the payload", async () => {
    await using world = await createWorld(broker.url);
    await world.started({
      handlers: [
        onAny(({ payload }) => {
          throw new Error(`guessed ${String(payload)}`);
        }),
      ],
    });
    await world.publishWire(Buffer.from("1"), {});
    const [dead] = await world.take(1);
    expect(dead!.properties.headers).toMatchObject({
      "x-warren-error-code": "DECODE_FAILED",
      "x-warren-attempt": 1,
    });
  });
});

describe("a message that can be handled", () => {
  it.each([0, 1, 131_064, 131_063, 131_065, 300_000])(
    "[C21] arrives byte for byte with a body of %i bytes",
    async (size) => {
      await using world = await createWorld(broker.url);
      const body = Buffer.alloc(size, 7);
      const seen = new Seen<boolean>();
      await world.started({ handlers: [onAny((delivery) => void seen.add(body.equals(delivery.body)))] });
      await world.publish(body, {});
      await seen.until(1);
      expect(seen.items).toEqual([true]);
    },
  );

  it("is decompressed when it says so", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<unknown>();
    await world.started({ handlers: [on(world.Order, (each) => void seen.add(each))] });
    await world.publish(gzipSync(good), { ...order, contentEncoding: "gzip" });
    await seen.until(1);
    expect(seen.items).toEqual([{ id: "a", total: 1 }]);
  });

  it("is checked by an asynchronous schema too", async () => {
    await using world = await createWorld(broker.url);
    const Slow = defineMessage({
      type: "order",
      exchange: world.exchange,
      routingKey: "order.slow",
      schema: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: async (value: unknown) =>
            (value as { id: string }).id === "bad" ? { issues: [{ message: "no" }] } : { value },
        },
      },
    });
    const seen = new Seen<unknown>();
    await world.started({ handlers: [on(Slow, (each) => void seen.add(each))] });
    await world.order("bad");
    await world.order("good");
    const [dead] = await world.take(1);
    expect(dead!.properties.headers).toMatchObject({ "x-warren-error-code": "SCHEMA_FAILED" });
    await seen.until(1);
    expect(seen.items).toEqual([{ id: "good", total: 1 }]);
  });

  it("handlers that decide and throw what no compiler would let through leave nothing un-settled", async () => {
    await using world = await createWorld(broker.url, { retry: false });
    const consumer = await world.started({
      handlers: [
        on(world.Order, async ({ id }) => {
          if (id === "no reason") return { action: "dead-letter" } as never;
          const odd: object = id === "stack" ? { stack: [1] } : { message: Object.create(null) as object };
          throw Object.assign(new Error("x"), odd);
        }),
      ],
    });
    for (const id of ["no reason", "stack", "message"]) await world.order(id);
    expect(await world.take(3)).toHaveLength(3);
    await consumer.idle();
  });
});
