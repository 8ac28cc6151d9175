import type { Connection } from "@warren/connection";
import { type Consumer, createConsumer, on, onBatch, reply, timeout } from "@warren/consumer";
import { OrderCancelled, OrderPlaced, Quote, QuoteAsked } from "./messages.ts";
import { topology } from "./topology.ts";

/** Trying again will not help. */
class CardDeclined extends Error {}

const { queues } = topology;

export function createConsumers(connection: Connection<typeof topology>): readonly Consumer[] {
  let counted = 0;
  return [
    createConsumer(connection, {
      queue: queues["shop.billing"],
      handlers: [
        on(OrderPlaced, async (order, { attempt, signal }) => {
          if (order.total > 10_000) throw new CardDeclined(`${order.customer} has no ${order.total}`);
          await charge(order.id, attempt, signal);
          console.log("charged", order.id);
        }),
      ],
      concurrency: 20,
      rules: [{ error: CardDeclined, action: "dead-letter" }],
      middleware: [timeout({ timeoutMs: 10_000 })],
    }),

    createConsumer(connection, {
      queue: queues["shop.shipping"],
      handlers: [
        on(OrderPlaced, ({ id, customer }) => console.log("packs", id, "for", customer), {
          orderBy: ({ customer }) => customer,
        }),
        on(OrderCancelled, ({ id, customer }) => console.log("unpacks", id, "of", customer), {
          orderBy: ({ customer }) => customer,
        }),
      ],
    }),

    createConsumer(connection, {
      queue: queues["shop.statistics"],
      handlers: [
        onBatch(OrderPlaced, (orders) => {
          counted += orders.length;
          console.log("counted", counted);
        }),
      ],
      batch: { maxSize: 100, maxWaitMs: 200 },
    }),

    createConsumer(connection, {
      queue: queues["shop.quotes"],
      handlers: [
        reply(QuoteAsked, ({ region, net }) => ({ total: net * (region === "eu" ? 1.2 : 1.1) }), {
          reply: Quote,
        }),
      ],
    }),
  ];
}

/** Stands for the bank, which is down at the first attempt at every seventh order. */
async function charge(orderId: string, attempt: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (orderId.endsWith("7") && attempt === 1) throw new Error("the bank does not answer");
}
