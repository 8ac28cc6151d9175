import { describe, expect, it } from "vitest";
import { delivered } from "../delivery.test-support.ts";

describe("IncomingDelivery", () => {
  it("is the first attempt without Warren's header, and one more than the header says with it", () => {
    expect(delivered().attempt).toBe(1);
    expect(delivered({ properties: { headers: { "x-warren-attempt": 3 } } }).attempt).toBe(4);
  });

  it.each([-1, 1.5, "3", Number.NaN, 1e9, null, {}])(
    "S18: takes an attempt header of %s for no header",
    (forged) => {
      expect(delivered({ properties: { headers: { "x-warren-attempt": forged } } }).attempt).toBe(1);
    },
  );

  it("S15: does not read headers that a sender put into the prototype", () => {
    const headers = Object.create({ "x-warren-attempt": 5, "x-delivery-count": 9 }) as Record<
      string,
      unknown
    >;
    const delivery = delivered({ properties: { headers } });
    expect(delivery.attempt).toBe(1);
    expect(delivery.deliveryCount).toBeUndefined();
    expect(delivery.headers["x-delivery-count"]).toBeUndefined();
  });

  it("tells its first exchange and routing key when it comes back from a wait queue", () => {
    const headers = {
      "x-warren-origin-exchange": "orders",
      "x-warren-origin-routing-key": "order.placed.eu",
    };
    const back = delivered({ fields: { exchange: "", routingKey: "billing" }, properties: { headers } });
    expect([back.exchange, back.routingKey]).toEqual(["orders", "order.placed.eu"]);
  });

  it("S18: believes origin headers of no message that came by another way", () => {
    const headers = { "x-warren-origin-exchange": "forged", "x-warren-origin-routing-key": "forged" };
    const direct = delivered({ properties: { headers } });
    expect([direct.exchange, direct.routingKey]).toEqual(["orders", "order.placed.eu"]);
  });

  it("aborts its signal with the reason, also one that is asked for afterwards", () => {
    const gone = new Error("gone");
    const early = delivered();
    const { signal } = early;
    early.abort(gone);
    expect(signal.reason).toBe(gone);
    const late = delivered();
    late.abort(gone);
    expect(late.signal.reason).toBe(gone);
  });

  it("decodes when the payload is read, as often as that fails and once when it succeeds", () => {
    const delivery = delivered();
    let calls = 0;
    delivery.decodeWhenRead(() => {
      if (++calls === 1) throw new Error("not yet");
      return "payload";
    });
    expect(() => delivery.payload).toThrow("not yet");
    expect([delivery.payload, delivery.payload]).toEqual(["payload", "payload"]);
    expect(calls).toBe(2);
  });

  it("says when it arrived as the wall clock has it when it is first asked, and the same ever after", () => {
    const arrivedAt = Date.now();
    const delivery = delivered();
    const { receivedAt } = delivery;
    expect(receivedAt.getTime()).toBeGreaterThanOrEqual(arrivedAt - 1);
    expect(receivedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1);
    expect(delivery.receivedAt).toBe(receivedAt);
  });
});
