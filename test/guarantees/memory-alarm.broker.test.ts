import { connect, type Connection } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { readyCount, Scene } from "./scene.ts";
import { Gate, Seen } from "./seen.ts";

const test = await testOnRabbitMq();
let node: RabbitMqNode;
beforeAll(async () => {
  node = await startRabbitMq();
});
afterEach(() => node.memoryAlarm(false));
afterAll(() => node.close());

async function blocked(connection: Connection): Promise<void> {
  if (connection.state.kind === "blocked") return;
  for await (const { to } of connection.status()) if (to === "blocked") return;
}

test("[B5] in a memory alarm publishers wait inside their bounds while acks of the same connection go on", async () => {
  await using scene = new Scene(node.url);
  await using connection = await connect(node.url, { topology: scene.topology });
  const [window, waiting, stored] = [5, 10, 100];
  await using publisher = createPublisher(connection, { maxInFlight: window, maxWaiting: waiting });
  for (let id = 0; id < stored; id++) await publisher.publish(scene.Order, { id: `stored-${id}` });
  const [handled, gate] = [new Seen<string>(), new Gate()];
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    prefetch: 5,
    handlers: [
      on(scene.Order, async ({ id }) => {
        await gate.opened;
        handled.add(id);
      }),
    ],
  });
  await consumer.start();

  await node.memoryAlarm(true);
  const first = publisher.publish(scene.Order, { id: "first" });
  await blocked(connection);
  const refused = new Seen<unknown>();
  const others = Array.from({ length: 2 * (window + waiting) }, (_, id) =>
    publisher.publish(scene.Order, { id: `waiting-${id}` }).catch((error: unknown) => refused.add(error)),
  );
  const room = window + waiting - 1;
  await refused.until(others.length - room);
  for (const error of refused.items)
    expect(error).toMatchObject({ code: "PUBLISH_BUFFER_FULL", outcome: { stored: "no" } });

  // Far more than the prefetch: the broker goes on delivering only because it reads the acks.
  gate.open();
  await handled.until(stored);
  expect(connection.state.kind).toBe("blocked");
  expect(refused.items).toHaveLength(others.length - room);

  await node.memoryAlarm(false);
  await expect(first).resolves.toMatchObject({ status: "confirmed" });
  await Promise.all(others);
  expect(refused.items).toHaveLength(others.length - room);
  await handled.until(stored + 1 + room);
  expect(new Set(handled.items).size).toBe(stored + 1 + room);
});

test("[B7] in a memory alarm close returns within its deadline, tells what became of each publish, and what was handled stays acknowledged", async () => {
  await using scene = new Scene(node.url);
  const connection = await connect(node.url, { topology: scene.topology });
  const publisher = createPublisher(connection);
  for (let id = 0; id < 20; id++) await publisher.publish(scene.Order, { id: `stored-${id}` });
  await node.memoryAlarm(true);
  const held = publisher.publish(scene.Order, { id: "held" });
  await blocked(connection);
  const waiting = publisher.publish(scene.Order, { id: "waiting" });
  const handled = new Seen<string>();
  const consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [on(scene.Order, ({ id }) => handled.add(id))],
  });
  await consumer.start();
  await handled.until(20);

  const startedAt = performance.now();
  const [told] = await Promise.all([
    Promise.allSettled([held, waiting]),
    connection.close({ timeoutMs: 2_000 }),
  ]);
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  expect(told).toMatchObject([
    { status: "rejected", reason: { outcome: { stored: "maybe" } } },
    { status: "rejected", reason: { outcome: { stored: "no" } } },
  ]);
  await node.memoryAlarm(false);
  await using look = await connect(node.url);
  // What was written before the alarm was seen may be stored once it is over; nothing that was handled is back.
  expect(await readyCount(look, scene.queue.name)).toBeLessThanOrEqual(1);
});
