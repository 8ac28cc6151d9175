import { connect, defineTopology } from "@warren/connection";
import { type Consumer, createConsumer, deduplicate, on } from "@warren/consumer";
import { defineMessage, markPermanent, type Middleware } from "@warren/message";
import { createPublisher, type Publisher } from "@warren/publisher";
import {
  crashAfterCommit,
  crashBeforeAck,
  delayDeliveries,
  duplicateDeliveries,
  reorderDeliveries,
} from "@warren/testing";
import type { WatchedTestBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

interface Order {
  readonly id: string;
}

/** What a watched broker sees of a service on Warren, and what chaos does to its handlers. */
export function serviceSuite(broker: WatchedTestBroker): void {
  const queue = broker.name("billing");
  const exchange = broker.name("orders");
  const topology = defineTopology({
    exchanges: { [exchange]: { type: "topic" } },
    queues: {
      [queue]: { bindings: [{ exchange, routingKey: "order.#" }], retry: { delaysMs: [20, 40] } },
    },
  });
  const OrderPlaced = defineMessage({
    type: "order.placed",
    exchange,
    routingKey: "order.placed",
    schema: z.object({ id: z.string() }),
  });

  let connection: Awaited<ReturnType<typeof connect>>;
  let publisher: Publisher;
  let consumer: Consumer | undefined;
  let handled: string[];

  beforeEach(async () => {
    handled = [];
    connection = await connect(broker.url, { topology });
    publisher = createPublisher(connection);
  });

  afterEach(async () => {
    await consumer?.stop();
    await connection.close();
  });

  async function consume(
    middleware: readonly Middleware[] = [],
    handle: (order: Order, attempt: number) => unknown = () => undefined,
    concurrency = 1,
  ): Promise<void> {
    consumer = createConsumer(connection, {
      queue: topology.queues[queue]!,
      handlers: [
        on(OrderPlaced, async (order, { attempt }) => {
          await handle(order, attempt);
          handled.push(order.id);
        }),
      ],
      middleware: [...middleware],
      concurrency,
    });
    await consumer.start();
  }

  async function place(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await publisher.publish(OrderPlaced, { id });
  }

  const placed = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `o-${index + 1}`);

  test("a retry is seen as one, with its reason and its wait, and not as a publish", async () => {
    await consume([], (_, attempt) => {
      if (attempt < 3) throw new Error(`the bank is closed at attempt ${attempt}`);
    });
    await place("o-1");
    await broker.settled();
    expect(await broker.seen("published", OrderPlaced)).toHaveLength(1);
    expect(await broker.seen("retried", OrderPlaced)).toMatchObject([
      { queue, reason: "the bank is closed at attempt 1", code: "HANDLER_FAILED", delayMs: 20 },
      { queue, reason: "the bank is closed at attempt 2", code: "HANDLER_FAILED", delayMs: 40 },
    ]);
    expect(await broker.seen("handled", OrderPlaced)).toMatchObject([{ queue, attempt: 3 }]);
  });

  test("a message that nobody can handle is seen as dead-lettered, with the reason, and not as handled", async () => {
    await consume([], () => {
      throw markPermanent(new Error("no such customer"));
    });
    await place("o-1");
    await expect(broker.deadLettered(OrderPlaced)).resolves.toMatchObject({
      payload: { id: "o-1" },
      queue,
      reason: "no such customer",
      routingKey: `${queue}.dead`,
    });
    await broker.settled();
    expect(await broker.seen("handled", OrderPlaced)).toEqual([]);
  });

  test("settled waits for the consumer to come back after its connection was cut", async () => {
    let cut = false;
    await consume([], async () => {
      if (cut) return;
      cut = true;
      broker.proxy.reset();
      await new Promise((resolve) => setImmediate(resolve));
    });
    await place("o-1", "o-2");
    await broker.settled({ timeoutMs: 20_000 });
    expect(new Set(handled)).toEqual(new Set(["o-1", "o-2"]));
    expect(await broker.seen("handled", OrderPlaced)).toHaveLength(2);
  });

  describe("chaos", () => {
    test("a duplicate is handled twice, unless duplicates are found", async () => {
      await consume([duplicateDeliveries({ every: 2 })]);
      await place(...placed(4));
      await broker.settled();
      expect(handled).toEqual(["o-1", "o-2", "o-2", "o-3", "o-4", "o-4"]);
    });

    test("with deduplicate each is handled once", async () => {
      await consume([duplicateDeliveries(), deduplicate()]);
      await place(...placed(4));
      await broker.settled();
      expect(handled).toEqual(placed(4));
    });

    test("what failed the first time is not handled twice", async () => {
      await consume([duplicateDeliveries()], (_, attempt) => {
        if (attempt === 1) throw new Error("not yet");
      });
      await place("o-1");
      await broker.settled();
      expect(await broker.seen("retried", OrderPlaced)).toHaveLength(1);
      expect(handled).toEqual(["o-1", "o-1"]);
    });

    test("a delivery that is held back is handled after one that came later", async () => {
      await consume([reorderDeliveries({ every: 1, times: 1, maxWaitMs: 60_000 })], undefined, 2);
      await place(...placed(3));
      await broker.settled();
      expect(handled.indexOf("o-1")).toBeGreaterThan(handled.indexOf("o-2"));
    });

    test("the last delivery is held back only so long", async () => {
      await consume([reorderDeliveries({ every: 1, maxWaitMs: 5 })], undefined, 2);
      await place("o-1");
      await broker.settled();
      expect(handled).toEqual(["o-1"]);
    });

    test("delays change the order of what is handled at once", async () => {
      await place(...placed(10));
      await consume([delayDeliveries({ maxDelayMs: 60, seed: 7 })], undefined, 10);
      await broker.settled();
      expect(handled).not.toEqual(placed(10));
      expect(new Set(handled)).toEqual(new Set(placed(10)));
    });

    test("a crash before the ack has a handler do its work twice", async () => {
      await consume([crashBeforeAck(broker.proxy, { every: 2, times: 1 })]);
      await place(...placed(3));
      await broker.settled({ timeoutMs: 20_000 });
      expect(handled.filter((id) => id === "o-2")).toHaveLength(2);
      expect(new Set(handled)).toEqual(new Set(placed(3)));
    });

    test("a crash before the ack does not hurt where duplicates are found", async () => {
      await consume([crashBeforeAck(broker.proxy, { every: 2 }), deduplicate()]);
      await place(...placed(4));
      await broker.settled({ timeoutMs: 30_000 });
      expect([...handled].sort()).toEqual(placed(4));
      // An ack that was on its way as the connection broke may have to be repeated.
      const ids = (await broker.seen("handled", OrderPlaced)).map(({ payload }) => payload.id);
      expect(new Set(ids)).toEqual(new Set(placed(4)));
    });

    test("a crash after the commit is more than a memory beside the handler can find", async () => {
      await consume([deduplicate(), crashAfterCommit(broker.proxy, { every: 2, times: 1 })]);
      await place(...placed(3));
      await broker.settled({ timeoutMs: 20_000 });
      expect(handled.filter((id) => id === "o-2")).toHaveLength(2);
      // The failure that it pretends reaches nobody: the channel is gone.
      expect(await broker.seen("retried", OrderPlaced)).toEqual([]);
    });

    test("an inbox in the handler's own transaction finds it", async () => {
      const inbox = new Set<string>();
      const charged: string[] = [];
      await consume([crashAfterCommit(broker.proxy, { every: 2, times: 1 })], ({ id }) => {
        if (inbox.has(id)) return;
        inbox.add(id);
        charged.push(id);
      });
      await place(...placed(3));
      await broker.settled({ timeoutMs: 20_000 });
      expect([...charged].sort()).toEqual(placed(3));
    });
  });
}
