import { diagnostics } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import type { Consumer } from "./consumer.ts";
import { type Handler, on, onBatch } from "./handling/handler.ts";
import { createWorld, Gate, type Order, recorded, Seen, type World } from "./world.test-support.ts";

const broker = useBroker();

interface Told {
  readonly from: string;
  readonly to: string;
  readonly error?: { readonly code: string };
}

const stalled = ({ error }: Told): boolean => error?.code === "HANDLERS_STALLED";

type Options = Omit<Parameters<World["consumer"]>[0], "handlers">;

interface Case {
  readonly what: string;
  readonly options: Options;
  readonly handler: (world: World, handle: (order: Order) => Promise<void>) => Handler;
  readonly orders: readonly string[];
  /** How many handlers hang. */
  readonly atWork: number;
}

const single: Case["handler"] = (world, handle) => on(world.Order, handle);

describe("a consumer all of whose handlers hang", () => {
  it.each<Case>([
    {
      what: "deliveries wait behind them",
      options: { concurrency: 2, prefetch: 4 },
      handler: single,
      orders: ["a", "b", "c"],
      atWork: 2,
    },
    {
      what: "the queue has messages and none may come",
      options: { concurrency: 1, prefetch: 1 },
      handler: single,
      orders: ["a", "b"],
      atWork: 1,
    },
    {
      what: "a batch waits behind the one that hangs",
      options: { concurrency: 1, prefetch: 4, batch: { maxSize: 2, maxWaitMs: 10 } },
      handler: (world, handle) => onBatch(world.Order, ([first]) => handle(first!)),
      orders: ["a", "b", "c", "d"],
      atWork: 1,
    },
    {
      what: "all that may be here waits for one key",
      options: { concurrency: 5, prefetch: 2 },
      handler: (world, handle) => on(world.Order, handle, { orderBy: () => "one key" }),
      orders: ["a", "b", "c"],
      atWork: 1,
    },
  ])(
    "is not healthy and says why, and is again when one of them ends: $what",
    async ({ options, handler, orders, atWork }) => {
      await using world = await createWorld(broker.url, { singleActiveConsumer: true });
      using told = recorded<Told>(diagnostics.consumerState);
      const gate = new Gate();
      const consumer = await world.started({
        stalledAfterMs: 50,
        checkIntervalMs: 10,
        ...options,
        handlers: [handler(world, () => gate.opened)],
      });
      for (const id of orders) await world.order(id);
      await told.until((all) => all.some(stalled));
      expect(shown(consumer, world)).toEqual({
        state: { kind: "consuming", error: expect.objectContaining({ code: "HANDLERS_STALLED" }) },
        healthy: [false, false],
      });
      expect((consumer.state as { error?: Error }).error!.message).toBe(
        `[HANDLERS_STALLED] the consumer of "${world.queue.name}" has begun nothing for more than 50 ms: messages wait, and what is at work (${atWork}) does not end`,
      );
      gate.open();
      await consumer.idle();
      expect(told.items.filter(({ from }) => from === "consuming")).toMatchObject([
        { to: "consuming", error: { code: "HANDLERS_STALLED" } },
        { to: "consuming" },
      ]);
      expect(shown(consumer, world)).toEqual({ state: { kind: "consuming" }, healthy: [true, true] });
    },
  );

  it.each<Options & { readonly what: string; readonly orders: readonly string[] }>([
    { what: "nothing waits", orders: ["a"], concurrency: 1, stalledAfterMs: 20 },
    { what: "a place is free", orders: ["a", "b"], concurrency: 3, stalledAfterMs: 20 },
    { what: "it was told not to look", orders: ["a", "b", "c"], concurrency: 1, stalledAfterMs: false },
  ])("is healthy as long as $what", async ({ what: _what, orders, ...options }) => {
    await using world = await createWorld(broker.url);
    using told = recorded<Told>(diagnostics.consumerState);
    const [gate, begun, other] = [new Gate(), new Seen<string>(), await createWorld(broker.url)];
    await world.started({
      checkIntervalMs: 10,
      ...options,
      handlers: [on(world.Order, ({ id }) => (begun.add(id), gate.opened))],
    });
    for (const id of orders) await world.order(id);
    await begun.until(Math.min(orders.length, options.concurrency!));
    // Another consumer that does stall, later than this one could have.
    await using _other = other;
    const late = await other.started({
      stalledAfterMs: 100,
      checkIntervalMs: 10,
      concurrency: 1,
      handlers: [on(other.Order, () => gate.opened)],
    });
    for (const id of ["x", "y"]) await other.order(id);
    await told.until((all) => all.some(stalled));
    expect(late.healthy()).toBe(false);
    expect(world.connection.healthy()).toBe(true);
    gate.open();
  });
});

function shown(consumer: Consumer, world: World): unknown {
  return { state: consumer.state, healthy: [consumer.healthy(), world.connection.healthy()] };
}
