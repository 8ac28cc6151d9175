import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { on } from "./handling/handler.ts";
import { createWorld, Gate, Seen } from "./world.test-support.ts";

const broker = useBroker();

describe("idle()", () => {
  it("refuses to say it of a consumer that was not started", async () => {
    await using world = await createWorld(broker.url);
    await world.order("a");
    const consumer = world.consumer({ handlers: [on(world.Order, () => undefined)] });
    const refused = { code: "CONSUMER_FAILED", message: expect.stringContaining("is not started") as string };
    await expect(consumer.idle()).rejects.toMatchObject(refused);
    await expect(consumer.pause()).rejects.toMatchObject(refused);
    await expect(consumer.resume()).rejects.toMatchObject(refused);
  });

  it("waits while a message is ready and the consumer is paused", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<string>();
    const consumer = await world.started({ handlers: [on(world.Order, ({ id }) => void seen.add(id))] });
    await consumer.pause();
    await consumer.idle();
    await world.order("a");
    const waited = consumer.idle().then(() => seen.items.length);
    await world.ready();
    await consumer.resume();
    expect(await waited).toBe(1);
  });

  it("rejects with the signal's reason also while a message stays ready", async () => {
    await using world = await createWorld(broker.url);
    const consumer = await world.started({ handlers: [on(world.Order, () => undefined)] });
    await consumer.pause();
    await world.order("a");
    const aborted = new AbortController();
    const given = consumer.idle({ signal: aborted.signal });
    // Longer than it takes to ask for the queue's messages, so that the abort comes between two looks.
    for (let look = 0; look < 10; look++) await world.ready();
    aborted.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
  });

  it("rejects when the consumer is stopped meanwhile, or its signal aborts", async () => {
    await using world = await createWorld(broker.url);
    const [seen, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      handlers: [
        on(world.Order, async ({ id }) => {
          seen.add(id);
          await gate.opened;
        }),
      ],
    });
    await world.order("a");
    await seen.until(1);
    const aborted = new AbortController();
    const given = consumer.idle({ signal: aborted.signal });
    aborted.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    const waiting = consumer.idle();
    const stopped = consumer.stop();
    gate.open();
    await expect(waiting).rejects.toMatchObject({ code: "CONSUMER_FAILED" });
    await stopped;
  });
});
