/** A service that publishes: `node publishing.program.ts ORDERS`. Killed and started again it goes on with new numbers. */
import { connect } from "@warren/connection";
import type { PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { setTimeout } from "node:timers/promises";
import type { PublishingOrders } from "./client-orders.ts";
import { givenOrders, reportUntilStopped } from "./client-process.ts";
import { LedgerFile, readLedger, sentNumbers } from "./ledger-file.ts";
import { publishWindow, queueNames, soakTopology, Tick } from "./soak-topology.ts";

const orders = givenOrders() as PublishingOrders;
const { first, step, messages, epochMs, perMs } = orders;
const before = sentNumbers(readLedger(orders.ledger));
const ledger = new LedgerFile(orders.ledger);
const queues = queueNames(orders.broker);
const padding = "x".repeat(200);
// More callers than there is room in flight.
const lanes = publishWindow + 100;
const lookEveryMs = 250;
const afterFailureMs = 100;

const connection = await connect(orders.urls, {
  name: orders.name,
  topology: soakTopology(orders.broker),
  reconnect: { baseMs: 50, maxMs: 500 },
  startupTimeoutMs: 120_000,
});
const publisher = createPublisher(connection, {
  maxInFlight: publishWindow,
  // Longer than a broker needs to come back on a busy machine: whoever waits here is no fault of Warren's.
  deliveryTimeoutMs: 600_000,
});

let next = first;
let count = 0;
let working = lanes;
/** What the conductor says: no higher number than this, and when it is over. */
const told = { until: -1, stopped: false };

async function mayGo(number: number): Promise<boolean> {
  while (!told.stopped && (number > told.until || Date.now() < epochMs + number / perMs))
    await setTimeout(lookEveryMs);
  return !told.stopped;
}

async function lane(): Promise<void> {
  while (next < messages) {
    const number = next;
    next += step;
    if (before.has(number)) continue;
    if (!(await mayGo(number))) break;
    const queue = queues[Math.floor(number / step) % queues.length]!;
    ledger.write(`send ${number}`);
    try {
      const { attempts } = await publisher.publish(
        Tick,
        { number, queue, padding },
        { messageId: `${number}` },
      );
      ledger.write(`confirm ${number} ${attempts}`);
    } catch (error) {
      const { outcome } = error as PublishError;
      ledger.write(`fail ${number} ${outcome.status} ${"stored" in outcome ? outcome.stored : "no"}`);
      await setTimeout(afterFailureMs);
    }
    count++;
  }
  working--;
}

const all = Promise.all(Array.from({ length: lanes }, lane));
await reportUntilStopped(
  () => ({ count, reached: Math.min(next, messages), idle: working === 0 }),
  async () => {
    told.stopped = true;
    await all;
    await publisher.close();
    await connection.close();
    ledger[Symbol.dispose]();
  },
  (command) => void (told.until = command.until),
);
