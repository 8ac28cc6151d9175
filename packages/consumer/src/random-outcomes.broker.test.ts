import { randomInt } from "node:crypto";
import { diagnostics } from "@warren/message";
import { type FaultProxy, startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import type { Consumer } from "./consumer.ts";
import { type Handler, on, onBatch } from "./handling/handler.ts";
import { act, Fates, lot, outcomeOf } from "./random-outcomes.test-support.ts";
import { createWorld, type OrderMessage, recorded, type World } from "./world.test-support.ts";

const broker = useBroker();
/** `WARREN_SEED` repeats the lots of a run, though not its timing. */
const seed = Number(process.env["WARREN_SEED"] ?? randomInt(2 ** 31));
const messageCount = 1_000;
const prefetch = 50;
const maxAttempts = 3;
const keyCount = 100;

type Kind = "single" | "ordered" | "batch";
const kinds: readonly Kind[] = ["single", "ordered", "batch"];

describe(`with outcomes by the seed ${seed}`, () => {
  it.each(kinds)(
    "every message of %s handlers is acknowledged or dead-lettered exactly as was decided",
    async (kind) => {
      await using world = await createWorld(broker.url, settings(kind));
      const ids = await publishAll(world);
      const fates = new Fates(ids);
      const consumer = await consumeAll(world, kind, fates, () => undefined);
      expect(await fates.lost(20_000)).toEqual([]);
      await consumer.idle();
      expect(consumer.heldCount).toBe(0);
      expect(consumer.staleSettleCount).toBe(0);
      await consumer.stop();
      expect(fates.inexact).toEqual([]);
      expect(fates.overtakers).toEqual([]);
      for (const queue of [world.queue.name, ...world.queue.retrySteps.map((step) => step.queue)])
        expect(await world.ready(queue)).toBe(0);
    },
  );

  it.each(kinds)(
    "[B12, N1] no message of %s handlers is lost, overtaken or dead-lettered without reason while connections are reset",
    async (kind) => {
      await using proxy = await startFaultProxy({ target: { port: broker.port } });
      await using world = await createWorld(broker.url, settings(kind), proxy.url(broker.url));
      using closed = recorded<{ channel: string; error: { code: string } }>(diagnostics.channelClosed);
      const fates = new Fates(await publishAll(world));
      // A change of the prefetch is no help to order: see `setPrefetch`.
      const trouble = new Trouble(proxy, kind !== "ordered");
      const consumer = await consumeAll(world, kind, fates, (started) => trouble.maybe(started));
      expect(await fates.lost(20_000)).toEqual([]);
      await trouble.over();
      expect(fates.strangers).toEqual([]);
      expect(fates.overtakers).toEqual([]);
      expect(fates.duplicates).toBeLessThan(trouble.resets * 2 * prefetch);
      // RabbitMQ answers a tag that is unknown or settled already by closing its channel.
      const refused = closed.items.filter(
        ({ channel, error }) =>
          channel.includes(world.queue.name) && error.code === "BROKER_PRECONDITION_FAILED",
      );
      expect(refused).toEqual([]);
      await consumer.idle();
      expect(consumer.heldCount).toBe(0);
    },
  );
});

function settings(kind: Kind): NonNullable<Parameters<typeof createWorld>[1]> {
  const delaysMs = kind === "ordered" ? [5, 10] : [50, 100];
  return { retry: { delaysMs }, deliveryLimit: 1_000, singleActiveConsumer: kind === "ordered" };
}

async function publishAll(world: World): Promise<readonly string[]> {
  const ids = Array.from({ length: messageCount }, (_, index) => `${index}`);
  await Promise.all(ids.map((id) => world.order(id)));
  return ids;
}

/** Consumes the queue, and its dead letters beside it. */
async function consumeAll(
  world: World,
  kind: Kind,
  fates: Fates,
  called: (consumer: Consumer) => void,
): Promise<Consumer> {
  await world.plain.consume(world.dead, {}, (delivery) => {
    if (delivery === undefined) return;
    fates.buried(delivery.properties.messageId!);
    world.plain.ack(delivery.fields.deliveryTag, false);
  });
  const consumer: Consumer = world.consumer({
    prefetch,
    concurrency: 20,
    ...(kind === "batch" ? { batch: { maxSize: 10, maxWaitMs: 5 }, concurrency: 3 } : {}),
    handlers: [handlerOf(world.Order, kind, fates, () => called(consumer))],
  });
  await consumer.start();
  return consumer;
}

function handlerOf(message: OrderMessage, kind: Kind, fates: Fates, called: () => void): Handler {
  const failing = (attempt: number): "again" | "dead" => (attempt < maxAttempts ? "again" : "dead");
  if (kind === "batch")
    return onBatch(message, (orders, deliveries) => {
      const boom = lot(seed, "batch", orders[0]!.id, fates.callsOf(orders[0]!.id)) < 0.1;
      const outcomes = orders.map(({ id }, index) => {
        const ifFailed = failing(deliveries[index]!.attempt);
        // What is thrown concerns a whole batch, so that no outcome of its own can be thrown or unreadable.
        const outcome = outcomeOf(lot(seed, id, fates.callsOf(id)) * 0.8, ifFailed);
        fates.decided(id, boom ? ifFailed : outcome.fate);
        called();
        return outcome.acknowledgement;
      });
      if (boom) throw new Error("boom");
      return outcomes;
    });
  const order = kind === "ordered" ? { orderBy: ({ id }: { id: string }) => `${Number(id) % keyCount}` } : {};
  return on(
    message,
    ({ id }, { attempt }) => {
      const call = fates.callsOf(id);
      if (kind === "ordered" && Number(id) >= keyCount) fates.begins(id, `${Number(id) - keyCount}`);
      const outcome = outcomeOf(lot(seed, id, call), failing(attempt));
      const requeued =
        kind === "ordered" && outcome.acknowledgement !== undefined && outcome.fate === "again";
      fates.decided(id, requeued ? failing(attempt) : outcome.fate);
      called();
      return act(outcome, lot(seed, id, call, "late") < 0.5);
    },
    order,
  );
}

/** What happens now and then while handlers are called. */
class Trouble {
  readonly #proxy: FaultProxy;
  readonly #prefetchToo: boolean;
  readonly #going: Promise<unknown>[] = [];
  #calls = 0;
  #resets = 0;

  constructor(proxy: FaultProxy, prefetchToo: boolean) {
    this.#proxy = proxy;
    this.#prefetchToo = prefetchToo;
  }

  get resets(): number {
    return this.#resets;
  }

  maybe(consumer: Consumer): void {
    this.#calls++;
    if (this.#calls % 50 !== 0 || this.#calls > messageCount) return;
    const what = lot(seed, "trouble", this.#calls);
    const { connections } = this.#proxy;
    if (what < 0.4) {
      this.#resets++;
      connections[Math.floor((what / 0.4) * connections.length)]?.reset();
    } else if (what < 0.5) {
      this.#resets++;
      this.#proxy.reset();
    } else if (what < 0.7) {
      this.#going.push(consumer.pause().then(() => consumer.resume()));
    } else if (what < 0.9 && this.#prefetchToo) {
      this.#going.push(consumer.setPrefetch(1 + Math.floor(lot(seed, "prefetch", this.#calls) * prefetch)));
    } else {
      consumer.concurrency = 1 + Math.floor(lot(seed, "concurrency", this.#calls) * 20);
    }
  }

  async over(): Promise<void> {
    await Promise.all(this.#going);
  }
}
