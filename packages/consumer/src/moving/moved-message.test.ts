import { decimalHeader, type Headers } from "@warren/message";
import { headerProblem } from "@warren/message/authoring";
import { describe, expect, it } from "vitest";
import { delivered } from "../delivery.test-support.ts";
import { maxFailureBytes } from "./failure-headers.ts";
import { movedMessage } from "./moved-message.ts";

const target = { exchange: "", routingKey: "billing.dead" };
const failure = { code: "HANDLER_FAILED", reason: "boom" } as const;
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);

describe("movedMessage", () => {
  it("keeps body, properties and headers", () => {
    const body = Buffer.from([0, 255, 1]);
    const properties = {
      contentType: "application/json",
      contentEncoding: "gzip",
      deliveryMode: 2,
      priority: 7,
      correlationId: "c",
      replyTo: "r",
      messageId: "m",
      timestamp: 1_700_000_000,
      type: "order.placed",
      appId: "shop",
      headers: {
        text: "t",
        when: { "!": "timestamp", value: 1_700_000_000 },
        price: { "!": "decimal", value: { places: 2, digits: 1234 } },
        list: [1, "two", { three: 3 }],
      },
    };
    const moved = movedMessage(delivered({ body, properties }), target, failure, nowMs);
    expect(moved).toMatchObject({
      exchange: "",
      routingKey: "billing.dead",
      mandatory: true,
      persistent: true,
      contentType: "application/json",
      contentEncoding: "gzip",
      priority: 7,
      correlationId: "c",
      replyTo: "r",
      messageId: "m",
      timestamp: new Date(1_700_000_000_000),
      type: "order.placed",
      appId: "shop",
    });
    expect(moved.body).toBe(body);
    expect(moved.headers).toMatchObject({
      text: "t",
      when: new Date(1_700_000_000_000),
      price: decimalHeader({ places: 2, digits: 1234 }),
      list: [1, "two", { three: 3 }],
    });
  });

  it("says why it failed, when and where it came from", () => {
    const delivery = delivered({ properties: { headers: { "x-warren-attempt": 2 } } });
    const { headers } = movedMessage(delivery, target, failure, nowMs);
    expect({ ...headers }).toEqual({
      "x-warren-attempt": 3,
      "x-warren-error-code": "HANDLER_FAILED",
      "x-warren-error-message": "boom",
      "x-warren-first-failed-at": "2026-01-02T03:04:05.000Z",
      "x-warren-last-failed-at": "2026-01-02T03:04:05.000Z",
      "x-warren-origin-exchange": "orders",
      "x-warren-origin-routing-key": "order.placed.eu",
      "x-warren-origin-queue": "billing",
    });
  });

  it("keeps the time of the first failure over moves, and forgets a forged one that is no time", () => {
    const first = "2025-12-31T23:59:59.000Z";
    const moved = (value: string): Headers =>
      movedMessage(
        delivered({ properties: { headers: { "x-warren-first-failed-at": value } } }),
        target,
        failure,
        nowMs,
      ).headers!;
    expect(moved(first)["x-warren-first-failed-at"]).toBe(first);
    expect(moved("yesterday")["x-warren-first-failed-at"]).toBe("2026-01-02T03:04:05.000Z");
  });

  it("takes away what the broker would act on, and keeps it under names that it does not know", () => {
    const headers = {
      CC: ["audit"],
      "x-death": [{ count: 1, reason: "expired", queue: "billing.retry.100" }],
      "x-first-death-queue": "billing.retry.100",
      "x-last-death-queue": "billing.retry.100",
      "x-delivery-count": 4,
      "x-acquired-count": 5,
      own: 1,
    };
    const moved = movedMessage(
      delivered({ properties: { headers, userId: "stranger", expiration: "5000" } }),
      target,
      failure,
      nowMs,
    );
    expect(moved.userId).toBeUndefined();
    expect(moved.expirationMs).toBeUndefined();
    expect(Object.keys(moved.headers!).filter((name) => !name.startsWith("x-warren-"))).toEqual(["own"]);
    expect(moved.headers).toMatchObject({
      "x-warren-user-id": "stranger",
      "x-warren-expiration": "5000",
      "x-warren-cc": ["audit"],
    });
    const again = movedMessage(
      delivered({ fields: { exchange: "", routingKey: "billing" }, properties: { headers: moved.headers! } }),
      target,
      failure,
      nowMs,
    );
    expect(again.headers).toMatchObject({ "x-warren-user-id": "stranger", "x-warren-cc": ["audit"] });
  });

  it("S10: takes no user id of a stranger's headers for one that the broker has checked", () => {
    const headers = { "x-warren-user-id": "admin", "x-warren-cc": ["audit"] };
    const moved = movedMessage(delivered({ properties: { headers } }), target, failure, nowMs);
    expect(moved.headers!["x-warren-user-id"]).toBeUndefined();
    expect(moved.headers!["x-warren-cc"]).toBeUndefined();
  });

  it("S18: lets no header of a stranger stand that Warren writes", () => {
    const headers = { "x-warren-error-code": "FORGED", "x-warren-anything": "forged", "x-warren-attempt": 1 };
    const moved = movedMessage(delivered({ properties: { headers } }), target, failure, nowMs);
    expect(moved.headers!["x-warren-error-code"]).toBe("HANDLER_FAILED");
    expect(moved.headers!["x-warren-anything"]).toBeUndefined();
    expect(moved.headers!["x-warren-attempt"]).toBe(2);
  });

  it("says all about the failure in 8 KiB, whole characters only", () => {
    const error = new Error("x".repeat(100_000));
    error.stack = "✗".repeat(100_000);
    const { headers } = movedMessage(
      delivered(),
      target,
      { ...failure, reason: "ü".repeat(9_999), error },
      nowMs,
    );
    const bytes = Object.entries(headers!).reduce(
      (sum, [name, value]) => sum + name.length + 6 + Buffer.byteLength(`${value as string | number}`),
      0,
    );
    expect(bytes).toBeLessThanOrEqual(maxFailureBytes);
    expect(bytes).toBeGreaterThan(maxFailureBytes - 10);
    expect(headers!["x-warren-error-stack"]).toMatch(/^✗+…$/);
    expect(headers!["x-warren-error-message"]).toMatch(/^ü+…$/);
  });

  it("can always be published: what could not be sent stays behind, and the dead letter says why", () => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 500; level++) deep = { deep };
    const headers = { deep, notANumber: Number.NaN, fine: 1, when: { "!": "timestamp", value: -5 } };
    const moved = movedMessage(
      delivered({ properties: { headers, timestamp: 2 ** 63 } }),
      target,
      failure,
      nowMs,
    );
    expect(headerProblem(moved.headers!)).toBeUndefined();
    expect(Object.keys(moved.headers!)).toContain("fine");
    expect(moved.headers!["deep"]).toBeUndefined();
    expect(moved.headers!["x-warren-dropped-headers"]).toMatch(/nested deeper than 32 levels/);
    expect(moved.timestamp).toBeUndefined();
  });

  it("keeps headers of 45 KiB, and gives up the stack for them", () => {
    const error = new Error("boom");
    error.stack = "s".repeat(50_000);
    const headers = { large: "x".repeat(45 * 1_024) };
    const moved = movedMessage(delivered({ properties: { headers } }), target, { ...failure, error }, nowMs);
    expect(headerProblem(moved.headers!)).toBeUndefined();
    expect(moved.headers).toMatchObject({ large: headers.large, "x-warren-error-code": "HANDLER_FAILED" });
    expect(moved.headers!["x-warren-error-stack"]).toBeUndefined();
  });

  it("leaves behind texts that have become too long for the wire, and says which", () => {
    // What 100 bytes of 0xFF are read as.
    const read = "\uFFFD".repeat(100);
    const properties = { correlationId: read, messageId: "m" };
    const delivery = delivered({ properties, fields: { routingKey: read } });
    const moved = movedMessage(
      delivery,
      { exchange: "dead", routingKey: delivery.routingKey },
      failure,
      nowMs,
    );
    expect(moved).toMatchObject({ messageId: "m" });
    expect(moved).not.toHaveProperty("correlationId");
    expect(Buffer.byteLength(moved.routingKey)).toBeLessThanOrEqual(255);
    expect(moved.headers!["x-warren-dropped-properties"]).toBe(
      "correlationId: longer than 255 bytes as UTF-8",
    );
  });

  it("says over further moves which texts the first one left behind", () => {
    const kept = "correlationId: longer than 255 bytes as UTF-8";
    const delivery = delivered({
      properties: { headers: { "x-warren-dropped-properties": kept } },
      fields: { exchange: "", routingKey: "billing" },
    });
    const { headers } = movedMessage(delivery, target, failure, nowMs);
    expect(headers!["x-warren-dropped-properties"]).toBe(kept);
  });
});
