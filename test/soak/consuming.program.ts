/** A service that consumes: `node consuming.program.ts ORDERS`. */
import { connect, type QueueRef } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { deadLetter, type Delivery } from "@warren/message";
import { setTimeout } from "node:timers/promises";
import type { ConsumingOrders } from "./client-orders.ts";
import { givenOrders, reportUntilStopped } from "./client-process.ts";
import { fateOf } from "./fate.ts";
import { LedgerFile } from "./ledger-file.ts";
import { concurrency, prefetch, queuesOf, soakTopology, Tick } from "./soak-topology.ts";

const orders = givenOrders() as ConsumingOrders;
const ledger = new LedgerFile(orders.ledger);
const topology = soakTopology(orders.broker);
const mostWorkMs = 10;
const lateEffectMs = 100;
let count = 0;

const connection = await connect(orders.urls, {
  name: orders.name,
  topology,
  reconnect: { baseMs: 50, maxMs: 500 },
  startupTimeoutMs: 120_000,
});

async function handle({ number }: { number: number }, delivery: Delivery): Promise<unknown> {
  const { attempt, redelivered } = delivery;
  const fields = `${number} ${attempt} ${redelivered ? 1 : 0}`;
  if (number % 4 === 0) await setTimeout(number % mostWorkMs);
  const fate = fateOf(number);
  if (fate === "permanent" || fate === "exhausted" || (fate === "retried" && attempt === 1)) {
    ledger.write(`refuse ${fields}`);
    if (fate === "permanent") return deadLetter("permanent, as its number says");
    throw new Error("it fails, as its number says");
  }
  count++;
  if (orders.ackEarly) void setTimeout(lateEffectMs).then(() => ledger.write(`effect ${fields}`));
  else ledger.write(`effect ${fields}`);
  return undefined;
}

const consumers = queuesOf(topology).map((queue) =>
  createConsumer(connection, {
    queue: queue as QueueRef<string, "soak">,
    concurrency,
    prefetch,
    handlers: [on(Tick, handle as never)],
  }),
);
await Promise.all(consumers.map((consumer) => consumer.start()));
await reportUntilStopped(
  () => ({ count, reached: 0, idle: consumers.every(({ heldCount }) => heldCount === 0) }),
  async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await connection.close();
    ledger[Symbol.dispose]();
  },
);
