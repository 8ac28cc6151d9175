import { setImmediate as nextTurn } from "node:timers/promises";
import { defineMessage, type WarrenError } from "@warren/message";
import { expect, test } from "vitest";
import { z } from "zod";
import { type ConsumerOptions, resolveConsumerOptions } from "../consumer-options.ts";
import { delivered } from "../delivery.test-support.ts";
import { on, onBatch } from "../handling/handler.ts";
import { Runner } from "../running/runner.ts";
import type { Session } from "../session.ts";
import { Gate } from "../world.test-support.ts";
import { StallWatch } from "./stall-watch.ts";

const messageWith = (schema: z.ZodType) =>
  defineMessage({ type: "order", exchange: "orders", routingKey: "order", schema });
const order = messageWith(z.unknown());

type Hanging = Omit<ConsumerOptions, "queue">;

test.each<{ what: string; atWork: number; options: (gate: Gate) => Hanging }>([
  {
    what: "a schema before a key",
    atWork: 1,
    options: (gate) => {
      const slow = messageWith(z.unknown().refine(() => gate.opened.then(() => true)));
      return { handlers: [on(slow, () => undefined, { orderBy: () => "key" })] };
    },
  },
  {
    what: "a middleware before a batch",
    atWork: 2,
    options: (gate) => ({
      batch: { maxSize: 2 },
      handlers: [onBatch(order, () => undefined)],
      middleware: [
        async (delivery, next) => {
          await gate.opened;
          return next(delivery);
        },
      ],
    }),
  },
  {
    what: "a middleware after a batch",
    atWork: 2,
    options: (gate) => ({
      batch: { maxSize: 2 },
      handlers: [onBatch(order, () => undefined)],
      middleware: [
        async (delivery, next) => {
          const acknowledgement = await next(delivery);
          await gate.opened;
          return acknowledgement;
        },
      ],
    }),
  },
])("$what that hangs is told until it ends", async ({ atWork, options }) => {
  const gate = new Gate();
  const held = new Set(
    [0, 1].map(() => delivered({ properties: { type: "order", contentType: "application/json" } })),
  );
  const runner = new Runner(resolveConsumerOptions({ queue: "billing", prefetch: 2, ...options(gate) }), {
    settle: (delivery) => void held.delete(delivery),
    replier: undefined as never,
  });
  const told: (WarrenError | undefined)[] = [];
  const session = {
    runner,
    prefetch: 2,
    settlements: {
      held,
      get heldCount() {
        return held.size;
      },
    },
    channel: { count: () => Promise.resolve({ messageCount: 5, consumerCount: 1 }) },
    stalled: (error: WarrenError | undefined) => told.push(error),
  } as unknown as Session;
  const watch = new StallWatch(session, "billing", 0);
  for (const delivery of held) runner.take(delivery);
  await nextTurn();
  await watch.look();
  expect(told).toEqual([]);
  await watch.look();
  expect(told).toMatchObject([{ code: "HANDLERS_STALLED", context: { atWork } }]);
  gate.open();
  await nextTurn();
  await watch.look();
  expect(told).toHaveLength(2);
  expect(told[1]).toBeUndefined();
  expect([held.size, runner.progress.atWork]).toEqual([0, 0]);
});
