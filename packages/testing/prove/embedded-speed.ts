// How fast the embedded broker is with a client in the same process: pnpm prove embedded-speed [messages]
import { strict as assert } from "node:assert";
import amqplib from "amqplib";
import { startEmbeddedBroker, type EmbeddedBroker } from "../src/broker/index.ts";

const messageCount = Number(process.argv[2] ?? 50_000);
const windowCount = 1_000;
const body = Buffer.alloc(100, "x");
const rounds = 3;

async function confirmed(broker: EmbeddedBroker): Promise<number> {
  const connection = await amqplib.connect(broker.url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("confirmed");
  const begun = performance.now();
  await new Promise<void>((resolve) => {
    let sent = 0;
    let settled = 0;
    const fill = (): void => {
      for (; sent < messageCount && sent - settled < windowCount; sent += 1)
        channel.sendToQueue("confirmed", body, {}, () => {
          settled += 1;
          if (settled === messageCount) resolve();
          else if (sent - settled <= windowCount / 2) setImmediate(fill);
        });
    };
    fill();
  });
  const rate = (messageCount / (performance.now() - begun)) * 1_000;
  const { messageCount: stored } = await channel.checkQueue("confirmed");
  assert.equal(stored, messageCount);
  await channel.deleteQueue("confirmed");
  await connection.close();
  return rate;
}

/** Published and confirmed by one connection, delivered to another one that acks each by itself. */
async function acked(broker: EmbeddedBroker): Promise<number> {
  const publishing = await amqplib.connect(broker.url);
  const consuming = await amqplib.connect(broker.url);
  const publisher = await publishing.createConfirmChannel();
  const consumer = await consuming.createChannel();
  await consumer.assertQueue("acked");
  await consumer.prefetch(200);
  const begun = performance.now();
  await new Promise<void>((resolve) => {
    let sent = 0;
    let seen = 0;
    const fill = (): void => {
      for (; sent < messageCount && sent - seen < windowCount; sent += 1)
        publisher.sendToQueue("acked", body, {}, () => undefined);
    };
    void consumer.consume("acked", (message) => {
      consumer.ack(message!);
      seen += 1;
      if (seen === messageCount) resolve();
      else if (sent - seen <= windowCount / 2) fill();
    });
    fill();
  });
  const rate = (messageCount / (performance.now() - begun)) * 1_000;
  assert.equal((await consumer.checkQueue("acked")).messageCount, 0);
  await publishing.close();
  await consuming.close();
  return rate;
}

const begun = performance.now();
await using broker = await startEmbeddedBroker();
console.log(`ready after ${(performance.now() - begun).toFixed(1)} ms, the first in this process`);
for (const [name, measure] of [
  ["published and confirmed", confirmed],
  ["published, delivered and acked one by one", acked],
] as const) {
  const rates: string[] = [];
  for (let round = 0; round < rounds; round += 1) rates.push(Math.round(await measure(broker)).toString());
  console.log(`${name}: ${rates.join(", ")} messages/s (${messageCount} of ${body.length} bytes, amqplib)`);
}
