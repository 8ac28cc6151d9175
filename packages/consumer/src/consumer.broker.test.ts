import { ack, deadLetter, diagnostics, markPermanent, requeue, retry } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { on, onAny } from "./handling/handler.ts";
import { createWorld, Gate, recorded, Seen } from "./world.test-support.ts";

const broker = useBroker();

describe("a consumer", () => {
  it("acknowledges after the handler returned, and its queue is empty when it is idle", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<string>();
    const consumer = await world.started({ handlers: [on(world.Order, (order) => void seen.add(order.id))] });
    for (const id of ["a", "b", "c"]) await world.order(id);
    await consumer.idle();
    expect(seen.items).toEqual(["a", "b", "c"]);
    await consumer.stop();
    expect(await world.ready()).toBe(0);
  });

  it("gives the handler the schema's output, and the delivery with its properties", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<unknown>();
    await world.started({
      handlers: [
        on(world.Order, (order, delivery) => {
          seen.add({
            order,
            id: delivery.messageId,
            attempt: delivery.attempt,
            key: delivery.routingKey,
            header: delivery.headers["tenant"],
            fresh: delivery.redelivered,
          });
        }),
      ],
    });
    await world.publish(Buffer.from('{"id":"o-1"}'), {
      type: "order",
      contentType: "application/json",
      messageId: "m-1",
      headers: { tenant: "eu" },
    });
    await seen.until(1);
    expect(seen.items).toEqual([
      { order: { id: "o-1", total: 0 }, id: "m-1", attempt: 1, key: "order.x", header: "eu", fresh: false },
    ]);
  });

  it("acknowledges nothing before the handler's promise is fulfilled (G4)", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          await gate.opened;
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    expect(consumer.heldCount).toBe(1);
    await world.connection.close({ timeoutMs: 100 });
    expect(await world.take(1, world.queue.name)).toMatchObject([{ fields: { redelivered: true } }]);
    gate.open();
  });

  it("[C1, C2, C16] retries what was thrown over the ladder, then dead-letters it with the reason", async () => {
    await using world = await createWorld(broker.url);
    using retries = recorded<{ delayMs: number; reason: string }>(diagnostics.retry);
    const attempts = new Seen<readonly [number, string]>();
    await world.started({
      handlers: [
        on(world.Order, (order, delivery) => {
          attempts.add([delivery.attempt, delivery.routingKey]);
          if (order.id === "sync") throw new Error("boom");
          return Promise.reject(new Error("async boom"));
        }),
      ],
    });
    await world.order("sync");
    const [dead] = await world.take(1);
    expect(attempts.items).toEqual([
      [1, "order.x"],
      [2, "order.x"],
      [3, "order.x"],
    ]);
    expect(retries.items.map(({ delayMs, reason }) => [delayMs, reason])).toEqual([
      [50, "boom"],
      [100, "boom"],
    ]);
    expect(dead!.content.toString()).toBe('{"id":"sync","total":1}');
    expect(dead!.properties.headers).toMatchObject({
      "x-warren-attempt": 3,
      "x-warren-error-code": "HANDLER_FAILED",
      "x-warren-error-message": "boom",
      "x-warren-origin-exchange": world.exchange,
      "x-warren-origin-routing-key": "order.x",
      "x-warren-origin-queue": world.queue.name,
    });
    expect(dead!.properties.headers!["x-warren-error-stack"]).toContain("consumer.broker.test.ts");
    await world.order("async");
    const [deadToo] = await world.take(1);
    expect(deadToo!.properties.headers).toMatchObject({ "x-warren-error-message": "async boom" });
  });

  it("does what the handler decides", async () => {
    await using world = await createWorld(broker.url);
    using settled = recorded<{ acknowledgement: { action: string }; durationMs: number }>(diagnostics.settle);
    const seen = new Seen<string>();
    const consumer = await world.started({
      handlers: [
        on(world.Order, (order, { attempt, redelivered }) => {
          seen.add(`${order.id} ${attempt}${redelivered ? " again" : ""}`);
          if (order.id === "retry" && attempt === 1) return retry({ reason: "later", delayMs: 60 });
          if (order.id === "requeue" && !redelivered) return requeue();
          return order.id === "dead" ? deadLetter("never") : ack();
        }),
      ],
    });
    for (const id of ["ack", "retry", "requeue", "dead"]) await world.order(id);
    const [dead] = await world.take(1);
    expect(dead!.properties.headers).toMatchObject({
      "x-warren-error-code": "HANDLER_REJECTED",
      "x-warren-error-message": "never",
      "x-warren-attempt": 1,
    });
    await seen.until(6);
    await consumer.idle();
    expect(settled.items.map(({ acknowledgement }) => acknowledgement.action).toSorted()).toEqual([
      "ack",
      "ack",
      "ack",
      "dead-letter",
      "requeue",
      "retry",
    ]);
    expect(seen.items.toSorted()).toEqual([
      "ack 1",
      "dead 1",
      "requeue 1",
      "requeue 1 again",
      "retry 1",
      "retry 2",
    ]);
  });

  it("dead-letters at once what is permanent, and follows rules", async () => {
    class Gone extends Error {}
    await using world = await createWorld(broker.url);
    await world.started({
      rules: [{ error: Gone, action: "dead-letter" }],
      handlers: [
        on(world.Order, (order) => {
          throw order.id === "gone" ? new Gone("no such customer") : markPermanent(new Error("never again"));
        }),
      ],
    });
    await world.order("gone");
    await world.order("permanent");
    const dead = await world.take(2);
    const reasons = dead.map(({ properties }) => properties.headers!["x-warren-error-message"]);
    expect(new Set(reasons)).toEqual(new Set(["no such customer", "never again"]));
    expect(dead.map(({ properties }) => properties.headers!["x-warren-attempt"])).toEqual([1, 1]);
  });

  it("keeps at most so many handlers at work, and takes a new limit while it runs", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      concurrency: 2,
      prefetch: 6,
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          await gate.opened;
        }),
      ],
    });
    for (let id = 0; id < 10; id++) await world.order(String(id));
    await begun.until(2);
    expect(await world.ready()).toBe(4);
    expect(begun.items).toHaveLength(2);
    consumer.concurrency = 3;
    await begun.until(3);
    await consumer.setPrefetch(10);
    consumer.concurrency = 10;
    await begun.until(10);
    expect(await world.ready()).toBe(0);
    gate.open();
    await consumer.idle();
    expect(begun.items).toHaveLength(10);
  });

  it("refuses a limit that createConsumer would refuse", async () => {
    await using world = await createWorld(broker.url);
    const consumer = world.consumer({ handlers: [on(world.Order, () => undefined)] });
    expect(() => (consumer.concurrency = 0)).toThrow("concurrency must be a whole number from 1");
    await expect(consumer.setPrefetch(0)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(consumer.setPrefetch(2_001)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  it("[C29] lets others by while a message waits for its retry", async () => {
    await using world = await createWorld(broker.url, { retry: { delaysMs: [60_000] } });
    const seen = new Seen<string>();
    await world.started({
      concurrency: 1,
      prefetch: 1,
      handlers: [
        on(world.Order, ({ id }) => {
          seen.add(id);
          if (id.startsWith("bad")) throw new Error("boom");
        }),
      ],
    });
    for (const id of ["bad-1", "bad-2", "good"]) await world.order(id);
    expect(await seen.until(3)).toEqual(["bad-1", "bad-2", "good"]);
  });

  it("takes nothing while it is paused, and goes on after", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<string>();
    const consumer = await world.started({ handlers: [on(world.Order, (order) => void seen.add(order.id))] });
    await consumer.pause();
    expect(consumer.state.kind).toBe("paused");
    await world.order("a");
    expect(await world.ready()).toBe(1);
    expect(consumer.healthy()).toBe(true);
    await consumer.resume();
    await seen.until(1);
    expect(consumer.state.kind).toBe("consuming");
  });

  it("hands raw deliveries of a queue that someone else declared to onAny", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<unknown>();
    const consumer = await world.started({
      queue: world.queue.name,
      handlers: [
        onAny((delivery) => {
          const body = Buffer.from(delivery.body).toString();
          seen.add([body, delivery.properties.type, body === "json" ? undefined : delivery.payload]);
        }),
      ],
    });
    await world.publish(Buffer.from("json"), {});
    await world.publish(Buffer.from('{"a":1}'), { contentType: "application/json", type: "unknown" });
    await seen.until(2);
    await consumer.idle();
    expect(seen.items).toEqual([
      ["json", undefined, undefined],
      ['{"a":1}', "unknown", { a: 1 }],
    ]);
  });

  it("rejects what fails on a queue given by name, so that the broker's own dead-letter exchange has it", async () => {
    await using world = await createWorld(broker.url);
    await world.started({
      queue: world.queue.name,
      handlers: [on(world.Order, () => Promise.reject(new Error("boom")))],
    });
    await world.order("a");
    const [dead] = await world.take(1);
    expect(dead!.properties.headers).toMatchObject({ "x-first-death-reason": "rejected" });
  });

  it("dead-letters what fails on a queue given by name to where the option says", async () => {
    await using world = await createWorld(broker.url);
    const queue = broker.name("elsewhere");
    await world.plain.declareQueue(queue, {
      durable: false,
      exclusive: true,
      autoDelete: true,
      arguments: {},
    });
    await world.started({
      queue: world.queue.name,
      deadLetter: { queue },
      handlers: [on(world.Order, () => Promise.reject(new Error("boom")))],
    });
    await world.order("a");
    const [dead] = await world.take(1, queue);
    expect(dead!.properties.headers).toMatchObject({ "x-warren-error-message": "boom" });
  });

  it("refuses to start on a queue that is not there", async () => {
    await using world = await createWorld(broker.url);
    const consumer = world.consumer({ queue: "no-such-queue", handlers: [onAny(() => undefined)] });
    await expect(consumer.start()).rejects.toMatchObject({ code: "BROKER_NOT_FOUND" });
    expect(consumer.state.kind).toBe("failed");
    expect(consumer.healthy()).toBe(false);
    expect(world.connection.healthy()).toBe(false);
    await consumer.stop();
    expect(world.connection.healthy()).toBe(true);
  });
});
