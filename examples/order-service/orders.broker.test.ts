import { connect } from "@warren/connection";
import { createPublisher } from "@warren/publisher";
import { useWatchedBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createConsumers } from "./consumers.ts";
import { OrderCancelled, OrderPlaced, Quote, QuoteAsked } from "./messages.ts";
import { topology } from "./topology.ts";

const broker = useWatchedBroker({ skipWaits: true });
const order = { id: "o-1", customer: "c-1", region: "eu", total: 12 } as const;

let service: Awaited<ReturnType<typeof startService>>;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

async function startService() {
  const connection = await connect(broker.url, { topology });
  await Promise.all(createConsumers(connection).map((consumer) => consumer.start()));
  return { publisher: createPublisher(connection), close: () => connection.close() };
}

test("an order is charged, shipped and counted", async () => {
  await service.publisher.publish(OrderPlaced, order);
  const handled = await broker.handled(OrderPlaced, { times: 3 });
  expect(handled.map(({ queue }) => queue).sort()).toEqual([
    "shop.billing",
    "shop.shipping",
    "shop.statistics",
  ]);
  await broker.settled();
});

test("an order is charged at the second attempt when the bank does not answer", async () => {
  await service.publisher.publish(OrderPlaced, { ...order, id: "o-7" });
  await expect(broker.retried(OrderPlaced)).resolves.toMatchObject({ reason: "the bank does not answer" });
  await expect(broker.handled(OrderPlaced, { queue: "shop.billing" })).resolves.toMatchObject({ attempt: 2 });
});

test("an order beyond every card is dead-lettered at once, and shipped all the same", async () => {
  await service.publisher.publish(OrderPlaced, { ...order, total: 20_000 });
  const dead = await broker.deadLettered(OrderPlaced, { where: ({ total }) => total > 10_000 });
  expect(dead).toMatchObject({ queue: "shop.billing", reason: "c-1 has no 20000" });
  await broker.settled();
  expect(await broker.seen("handled", OrderPlaced, { queue: "shop.shipping" })).toHaveLength(1);
  expect(await broker.seen("retried", OrderPlaced)).toEqual([]);
});

test("a cancelled order is unpacked, and nothing is charged", async () => {
  await service.publisher.publish(OrderCancelled, order);
  await broker.settled();
  expect(await broker.seen("handled", OrderCancelled)).toMatchObject([{ queue: "shop.shipping" }]);
});

test("a quote is answered", async () => {
  const quote = await service.publisher.request(QuoteAsked, { region: "eu", net: 10 }, { reply: Quote });
  expect(quote).toEqual({ total: 12 });
});

test("an order is charged although the connection is cut before the ack", async () => {
  await service.publisher.publish(OrderPlaced, order);
  await broker.delivered(OrderPlaced, { queue: "shop.billing" });
  broker.proxy.reset();
  await broker.settled({ timeoutMs: 30_000 });
  expect(await broker.seen("handled", OrderPlaced, { queue: "shop.billing" })).not.toEqual([]);
});
