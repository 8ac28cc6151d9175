import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import amqplib, { type ConfirmChannel, type ConsumeMessage } from "amqplib";
import { beforeAll, expect, test } from "vitest";
import { startEmbeddedBroker } from "./start-embedded-broker.ts";

let collectGarbage: () => void;

beforeAll(() => {
  setFlagsFromString("--expose-gc");
  collectGarbage = runInNewContext("gc") as () => void;
});

async function usedBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    // What JavaScript let go of in this turn of the event loop, sockets let go of in the next ones.
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Publishes them all, a thousand on their way at a time. */
async function fill(channel: ConfirmChannel, queue: string, count: number, bodyBytes: number): Promise<void> {
  const body = Buffer.alloc(bodyBytes);
  for (let sent = 1; sent <= count; sent += 1) {
    channel.sendToQueue(queue, body);
    if (sent % 1_000 === 0) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
}

/** Consumes and acks them all. */
async function drain(channel: ConfirmChannel, queue: string, count: number): Promise<void> {
  await channel.prefetch(1_000);
  let seenCount = 0;
  const consumerTag = "drain";
  await new Promise<void>((resolve) => {
    const seen = (message: ConsumeMessage | null): void => {
      channel.ack(message!);
      seenCount += 1;
      if (seenCount === count) resolve();
    };
    void channel.consume(queue, seen, { consumerTag });
  });
  await channel.cancel(consumerTag);
}

test.each([
  ["classic", 100_000],
  ["quorum", 20_000],
])(
  "a message in a %s queue takes its body and less than 1 KiB, and nothing when it has left",
  { timeout: 60_000 },
  async (kind, messageCount) => {
    await using broker = await startEmbeddedBroker();
    const connection = await amqplib.connect(broker.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue("q", { arguments: { "x-queue-type": kind } });
    await fill(channel, "q", 1_000, 100);
    await drain(channel, "q", 1_000);
    const beforeBytes = await usedBytes();
    const eachBytes = async (): Promise<number> => ((await usedBytes()) - beforeBytes) / messageCount;

    await fill(channel, "q", messageCount, 100);
    expect(await eachBytes()).toBeLessThan(100 + 1_024);
    await drain(channel, "q", messageCount);
    expect(await eachBytes()).toBeLessThan(64);
    await connection.close();
  },
);

test("a small message that stays keeps nothing in memory of the large one that came with it and went", async () => {
  await using broker = await startEmbeddedBroker();
  const connection = await amqplib.connect(broker.url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("q");
  const [small, large] = [Buffer.from("small"), Buffer.alloc(30_000)];
  const beforeBytes = await usedBytes();
  for (let sent = 0; sent < 1_000; sent += 1) {
    channel.sendToQueue("q", small);
    channel.sendToQueue("nowhere", large);
    if (sent % 100 === 0) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
  expect(((await usedBytes()) - beforeBytes) / 1_000).toBeLessThan(5_000);
  expect((await channel.checkQueue("q")).messageCount).toBe(1_000);
  await connection.close();
});
