import { setImmediate as nextTurn } from "node:timers/promises";
import { ack, type Acknowledgement, type Delivery, type Next, retry } from "@warren/message";
import { describe, expect, it, vi } from "vitest";
import { delivered } from "../delivery.test-support.ts";
import { deduplicate } from "./deduplicate.ts";
import { MemoryStore } from "./memory-store.ts";
import { timeout } from "./timeout.ts";
import { currentTrace, traceContext, traceHeaders } from "./trace-context.ts";

const message = (messageId?: string): Delivery =>
  delivered({ properties: messageId === undefined ? {} : { messageId } });

describe("timeout", () => {
  it("[C3] fails a handler that never settles, and aborts its signal with the same error", async () => {
    let signal: AbortSignal | undefined;
    const work = timeout({ timeoutMs: 10 })(message(), (delivery) => {
      signal = delivery.signal;
      return new Promise(() => undefined);
    });
    await expect(work).rejects.toMatchObject({ code: "HANDLER_TIMEOUT" });
    expect(signal!.reason).toMatchObject({ code: "HANDLER_TIMEOUT" });
  });

  it("leaves alone what is in time, and what it decides later is ignored", async () => {
    const middleware = timeout({ timeoutMs: 5 });
    expect(await middleware(message(), async () => ack())).toEqual(ack());
    await expect(middleware(message(), () => Promise.reject(new Error("boom")))).rejects.toThrow("boom");
    let late: (acknowledgement: Acknowledgement) => void = () => undefined;
    const work = middleware(message(), () => new Promise((resolve) => (late = resolve)));
    await expect(work).rejects.toMatchObject({ code: "HANDLER_TIMEOUT" });
    late(ack());
    await nextTurn();
  });

  it("passes on that the channel was lost", async () => {
    const delivery = delivered();
    let signal: AbortSignal | undefined;
    void timeout({ timeoutMs: 10_000 })(delivery, (passed) => {
      signal = passed.signal;
      return Promise.resolve(ack());
    });
    delivery.abort(new Error("gone"));
    expect(signal!.reason).toMatchObject({ message: "gone" });
  });

  it("passes on everything else as it was", async () => {
    const delivery = delivered({
      properties: { messageId: "m1", headers: { a: 1 } },
      fields: { redelivered: true },
    });
    delivery.payload = { id: 1 };
    await timeout({ timeoutMs: 1_000 })(delivery, async (passed) => {
      expect(passed).toMatchObject({
        payload: { id: 1 },
        messageId: "m1",
        headers: { a: 1 },
        redelivered: true,
        attempt: 1,
        exchange: "orders",
        routingKey: "order.placed.eu",
        queue: "billing",
      });
      expect(passed.body).toBe(delivery.body);
      return ack();
    });
  });

  it("leaves no timer behind when a middleware inside throws before it has made a promise", async () => {
    vi.useFakeTimers();
    try {
      const work = timeout({ timeoutMs: 10_000 })(message(), () => {
        throw new Error("at once");
      });
      await expect(work).rejects.toThrow("at once");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("needs a time", () => {
    expect(() => timeout({ timeoutMs: 0 })).toThrow(/timeoutMs must be/);
  });
});

describe("deduplicate", () => {
  it("acknowledges what was handled before without handling it again", async () => {
    const middleware = deduplicate();
    const next = vi.fn<Next>(async () => ack());
    for (const id of ["a", "b", "a"]) expect(await middleware(message(id), next)).toEqual(ack());
    expect(next).toHaveBeenCalledTimes(2);
  });

  it("handles again what failed or was retried", async () => {
    const middleware = deduplicate();
    const outcomes = [
      Promise.reject(new Error("boom")),
      Promise.resolve(retry({ reason: "x" })),
      Promise.resolve(ack()),
    ];
    const next = vi.fn<Next>(() => outcomes.shift()!);
    await expect(middleware(message("a"), next)).rejects.toThrow("boom");
    expect(await middleware(message("a"), next)).toMatchObject({ action: "retry" });
    expect(await middleware(message("a"), next)).toEqual(ack());
    expect(next).toHaveBeenCalledTimes(3);
  });

  it("lets a duplicate wait for the one at work, and handles it when that one failed", async () => {
    const middleware = deduplicate();
    const ends: ((acknowledgement: Acknowledgement) => void)[] = [];
    const next = vi.fn<Next>(() => new Promise((resolve) => ends.push(resolve)));
    const first = middleware(message("a"), next);
    const second = middleware(message("a"), next);
    const third = middleware(message("a"), next);
    await nextTurn();
    expect(next).toHaveBeenCalledTimes(1);
    ends[0]!(retry({ reason: "x" }));
    expect(await first).toMatchObject({ action: "retry" });
    await nextTurn();
    expect(next).toHaveBeenCalledTimes(2);
    ends[1]!(ack());
    expect(await second).toEqual(ack());
    expect(await third).toEqual(ack());
    expect(next).toHaveBeenCalledTimes(2);
  });

  it("refuses a message without an id, or handles it when told so", async () => {
    const next = vi.fn<Next>(async () => ack());
    expect(await deduplicate()(message(), next)).toMatchObject({ action: "dead-letter" });
    expect(next).not.toHaveBeenCalled();
    expect(await deduplicate({ withoutKey: "handle" })(message(), next)).toEqual(ack());
  });

  it("takes a key of one's own and any store", async () => {
    const known = new Set<string>();
    const middleware = deduplicate({
      keyOf: ({ routingKey }) => routingKey,
      store: { has: async (key) => known.has(key), add: async (key) => void known.add(key) },
    });
    const next = vi.fn<Next>(async () => ack());
    await middleware(message("a"), next);
    await middleware(message("b"), next);
    expect(next).toHaveBeenCalledTimes(1);
    expect([...known]).toEqual(["order.placed.eu"]);
  });
});

describe("MemoryStore", () => {
  it("forgets after its window", () => {
    let now = 0;
    const store = new MemoryStore({ windowMs: 100, now: () => now });
    store.add("a");
    now = 99;
    expect(store.has("a")).toBe(true);
    now = 100;
    expect(store.has("a")).toBe(false);
    expect(store.count).toBe(0);
  });

  it("forgets the least recently seen first", () => {
    const store = new MemoryStore({ maxCount: 2 });
    store.add("a");
    store.add("b");
    store.has("a");
    store.add("c");
    expect(["a", "b", "c"].map((key) => store.has(key))).toEqual([true, false, true]);
  });
});

describe("traceContext", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const traced = (headers: Record<string, unknown>): Delivery => delivered({ properties: { headers } });

  it("keeps the trace of the delivery while the handler runs, and only then", async () => {
    const seen: unknown[] = [];
    await traceContext()(traced({ traceparent, tracestate: "vendor=1" }), async () => {
      await nextTurn();
      seen.push(currentTrace(), traceHeaders());
      return ack();
    });
    const trace = { traceparent, tracestate: "vendor=1" };
    expect(seen).toEqual([trace, trace]);
    expect(currentTrace()).toBeUndefined();
  });

  it.each([
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    `${traceparent}-more`,
    "traceparent",
    7,
  ])("leaves out %s, which is no trace", async (forged) => {
    await traceContext()(traced({ traceparent: forged }), async () => {
      expect(currentTrace()).toBeUndefined();
      return ack();
    });
  });
});
