import { diagnostics, requeue } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { describeRabbitMq, useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import type { Consumer } from "./consumer.ts";
import { on } from "./handling/handler.ts";
import { createWorld, Gate, type Order, recorded, Seen, type World } from "./world.test-support.ts";

const broker = useBroker();
/** `eu-1` belongs to `eu`. */
const orderBy = ({ id }: Order): string => id.split("-")[0]!;

interface Told {
  readonly delivery: { readonly messageId: string };
  readonly delayMs?: number;
  readonly reason?: string;
  readonly acknowledgement?: { readonly action: string };
}

describe("orderBy", () => {
  it("handles messages of a key one after another while other keys go on beside them", async () => {
    await using world = await createWorld(broker.url, { singleActiveConsumer: true });
    const [log, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      concurrency: 4,
      handlers: [
        on(
          world.Order,
          async ({ id }) => {
            log.add(`begin ${id}`);
            if (id === "eu-1") await gate.opened;
            log.add(`end ${id}`);
          },
          { orderBy },
        ),
      ],
    });
    for (const id of ["eu-1", "eu-2", "us-1", "us-2"]) await world.order(id);
    await log.until((all) => all.includes("end us-2"));
    expect(log.items).toEqual(["begin eu-1", "begin us-1", "end us-1", "begin us-2", "end us-2"]);
    gate.open();
    await consumer.idle();
    expect(log.items.slice(5)).toEqual(["end eu-1", "begin eu-2", "end eu-2"]);
  });

  it("retries in place, so that a failing message keeps its turn, and dead-letters it after the last attempt", async () => {
    await using world = await createWorld(broker.url, { singleActiveConsumer: true });
    using retries = recorded<Told>(diagnostics.retry);
    using settled = recorded<Told>(diagnostics.settle);
    const log = new Seen<string>();
    const consumer = await world.started({
      handlers: [
        on(
          world.Order,
          ({ id }, { attempt }) => {
            log.add(`${id} ${attempt}`);
            if (id === "eu-1" || (id === "eu-2" && attempt === 1)) throw new Error("boom");
          },
          { orderBy },
        ),
      ],
    });
    for (const id of ["eu-1", "eu-2", "eu-3"]) await world.order(id);
    const [dead] = await world.take(1);
    await log.until(6);
    await consumer.idle();
    expect(log.items).toEqual(["eu-1 1", "eu-1 2", "eu-1 3", "eu-2 1", "eu-2 2", "eu-3 1"]);
    expect(
      retries.items.map(({ delivery, delayMs, reason }) => [delivery.messageId, delayMs, reason]),
    ).toEqual([
      ["eu-1", 50, "boom"],
      ["eu-1", 100, "boom"],
      ["eu-2", 50, "boom"],
    ]);
    expect(
      settled.items.map(({ delivery, acknowledgement }) => [delivery.messageId, acknowledgement?.action]),
    ).toEqual([
      ["eu-1", "dead-letter"],
      ["eu-2", "ack"],
      ["eu-3", "ack"],
    ]);
    expect(dead!.properties.headers).toMatchObject({
      "x-warren-attempt": 3,
      "x-warren-error-code": "HANDLER_FAILED",
    });
  });

  it("lets a message hold up its key for maxBlockedMs at most", async () => {
    await using world = await createWorld(broker.url, {
      singleActiveConsumer: true,
      retry: { delaysMs: [50, 60_000] },
    });
    const log = new Seen<string>();
    await world.started({
      maxBlockedMs: 5_000,
      handlers: [
        on(
          world.Order,
          ({ id }, { attempt }) => {
            log.add(`${id} ${attempt}`);
            if (id === "eu-1") throw new Error("boom");
          },
          { orderBy },
        ),
      ],
    });
    for (const id of ["eu-1", "eu-2"]) await world.order(id);
    const [dead] = await world.take(1);
    await log.until(3);
    expect(log.items).toEqual(["eu-1 1", "eu-1 2", "eu-2 1"]);
    expect(dead!.properties.headers).toMatchObject({ "x-warren-error-code": "KEY_BLOCKED" });
  });

  it("counts attempts by the broker's deliveries, also those of a process that is gone", async () => {
    await using world = await createWorld(broker.url, { singleActiveConsumer: true });
    const attempts = new Seen<number>();
    await world.order("eu-1");
    for (let look = 0; look < 2; look++) {
      const tag = await new Promise<number>((resolve, reject) => {
        world.plain
          .consume(world.queue.name, { consumerTag: `look-${look}` }, (delivery) => {
            if (delivery !== undefined) resolve(delivery.fields.deliveryTag);
          })
          .catch(reject);
      });
      await world.plain.cancel(`look-${look}`);
      world.plain.reject(tag, true);
    }
    await world.started({
      handlers: [
        on(
          world.Order,
          (_order, { attempt }) => {
            attempts.add(attempt);
            throw new Error("boom");
          },
          { orderBy },
        ),
      ],
    });
    const [dead] = await world.take(1);
    expect(attempts.items).toEqual([3]);
    expect(dead!.properties.headers).toMatchObject({ "x-warren-attempt": 3 });
  });

  it("takes requeue() for a retry in place, since a message that goes back would be overtaken", async () => {
    await using world = await createWorld(broker.url, { singleActiveConsumer: true });
    const log = new Seen<string>();
    await world.started({
      handlers: [
        on(
          world.Order,
          ({ id }, { attempt }) => {
            log.add(`${id} ${attempt}`);
            return id === "eu-1" && attempt === 1 ? requeue() : undefined;
          },
          { orderBy },
        ),
      ],
    });
    for (const id of ["eu-1", "eu-2"]) await world.order(id);
    await log.until(3);
    expect(log.items).toEqual(["eu-1 1", "eu-1 2", "eu-2 1"]);
  });

  it("[C34] does not handle a message beside itself after a reconnect", async () => {
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await createWorld(broker.url, { singleActiveConsumer: true }, proxy.url(broker.url));
    using stale = recorded<{ deliveryTag: number }>(diagnostics.staleSettle);
    const [log, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      handlers: [
        on(
          world.Order,
          async ({ id }, { redelivered }) => {
            log.add(`begin ${id}`);
            if (id === "eu-1" && !redelivered) await gate.opened;
            log.add(`end ${id}`);
          },
          { orderBy },
        ),
      ],
    });
    await world.order("eu-1");
    await log.until(1);
    proxy.reset();
    // Through the same channel as eu-1's second delivery, and after it.
    await world.order("us-1");
    await log.until((all) => all.includes("end us-1"));
    gate.open();
    await stale.until(1);
    await consumer.idle();
    expect(log.items.filter((line) => line.includes("eu-1"))).toEqual([
      "begin eu-1",
      "end eu-1",
      "begin eu-1",
      "end eu-1",
    ]);
  });

  it("[C32] says when other processes could take messages of the same key", async () => {
    await using world = await createWorld(broker.url);
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    await world.started({ handlers: [on(world.Order, () => undefined, { orderBy })] });
    expect(await warned).toMatchObject({
      code: "WARREN_ORDER",
      message: expect.stringContaining("singleActiveConsumer"),
    });
  });
});

/** The active consumer of a key's messages, the first of which waits for the gate, and another one that stands by. */
async function twoConsumers(
  world: World,
  other: World,
  endOfFirst: () => void,
): Promise<{ active: Consumer; standby: Consumer; log: Seen<string>; gate: Gate }> {
  const [log, gate] = [new Seen<string>(), new Gate()];
  const active = await world.started({
    prefetch: 3,
    handlers: [
      on(
        world.Order,
        async ({ id }) => {
          log.add(`active begins ${id}`);
          if (id !== "eu-1") return;
          await gate.opened;
          log.add(`active ends ${id}`);
          endOfFirst();
        },
        { orderBy },
      ),
    ],
  });
  const standby = other.consumer({
    queue: world.queue.name,
    handlers: [on(world.Order, ({ id }) => void log.add(`standby ${id}`), { orderBy })],
  });
  await standby.start();
  for (const id of ["eu-1", "eu-2", "eu-3", "eu-4", "eu-5"]) await world.order(id);
  await log.until(1);
  return { active, standby, log, gate };
}

function takeoverSuite(url: () => string): void {
  it.each([
    { what: "finishes", endOfFirst: () => undefined, again: [] },
    {
      what: "fails",
      endOfFirst: () => {
        throw new Error("not now");
      },
      again: ["standby eu-1"],
    },
  ])(
    "stop() leaves a key to the next consumer in its order, after a handler that $what",
    async ({ endOfFirst, again }) => {
      await using world = await createWorld(url(), { singleActiveConsumer: true });
      await using other = await createWorld(url());
      const { active, standby, log, gate } = await twoConsumers(world, other, endOfFirst);
      const stopped = active.stop();
      // Time enough for the other one to overtake, were it let.
      for (let look = 0; look < 10; look++) await world.ready();
      gate.open();
      await stopped;
      const left = ["standby eu-2", "standby eu-3", "standby eu-4", "standby eu-5"];
      await log.until((all) => all.includes("standby eu-5"));
      expect(log.items).toEqual(["active begins eu-1", "active ends eu-1", ...again, ...left]);
      await standby.idle();
    },
  );

  it("stop() gives a key back in its order at the deadline of a handler that does not end", async () => {
    await using world = await createWorld(url(), { singleActiveConsumer: true });
    await using other = await createWorld(url());
    const { active, standby, log } = await twoConsumers(world, other, () => undefined);
    await active.stop({ timeoutMs: 200 });
    await log.until((all) => all.includes("standby eu-5"));
    const left = ["standby eu-1", "standby eu-2", "standby eu-3", "standby eu-4", "standby eu-5"];
    expect(log.items).toEqual(["active begins eu-1", ...left]);
    await standby.idle();
    expect(active.heldCount).toBe(0);
  });

  it("pause() lets no other consumer overtake what it holds", async () => {
    await using world = await createWorld(url(), { singleActiveConsumer: true });
    await using other = await createWorld(url());
    const { active, log, gate } = await twoConsumers(world, other, () => undefined);
    await active.pause();
    for (let look = 0; look < 10; look++) await world.ready();
    gate.open();
    await log.until(2);
    for (let look = 0; look < 10; look++) await world.ready();
    expect(log.items).toEqual(["active begins eu-1", "active ends eu-1"]);
    await active.resume();
    await log.until(6);
    expect(log.items.slice(2)).toEqual(["eu-2", "eu-3", "eu-4", "eu-5"].map((id) => `active begins ${id}`));
  });
}

describe("orderBy with another consumer", () => {
  takeoverSuite(() => broker.url);
});
describeRabbitMq("orderBy with another consumer on RabbitMQ 4", { version: "4" }, (node) => {
  takeoverSuite(() => node().url);
});
