import { connect, defineTopology } from "@warren/connection";
import { startEmbeddedBroker } from "@warren/testing/broker";
import { expect, test } from "vitest";

const topology = defineTopology({
  exchanges: { orders: { type: "topic" } },
  queues: {
    orders: { retry: { delaysMs: [100] }, bindings: [{ exchange: "orders", routingKey: "order.#" }] },
  },
});

test("a plan reads the embedded broker by its management API: all to be made, and then nothing", async () => {
  await using broker = await startEmbeddedBroker({ management: true });
  await using connection = await connect(broker.url);
  const management = { url: broker.management!.url };
  const before = await connection.plan(topology, management);
  expect(before.entries.length).toBeGreaterThan(0);
  expect(new Set(before.entries.map(({ action }) => action))).toEqual(new Set(["create"]));
  await connection.declare(topology);
  const after = await connection.plan(topology, management);
  expect(new Set(after.entries.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
});
