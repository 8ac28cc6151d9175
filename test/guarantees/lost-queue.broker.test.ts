import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Scene, take } from "./scene.ts";
import { Seen } from "./seen.ts";

const broker = useBroker();

test("[B15] a deleted queue is declared again with its binding, its ladder and its dead-letter queue, and consumed again", async () => {
  await using scene = new Scene(broker.url);
  await using connection = await connect(broker.url, {
    topology: scene.topology,
    reconnect: { baseMs: 10, maxMs: 100 },
  });
  await using publisher = createPublisher(connection);
  const attempts = new Seen<string>();
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [
      on(scene.Order, ({ id }, { attempt }) => {
        attempts.add(`${id} ${attempt}`);
        if (id === "never" || attempt === 1) throw new Error("not yet");
      }),
    ],
  });
  await consumer.start();
  const changes = consumer.status();
  await connection.channels.withChannel(async (channel) => {
    for (const queue of [...scene.waitQueues, scene.dead, scene.queue.name]) await channel.deleteQueue(queue);
  });
  for await (const { to } of changes) if (to === "consuming") break;

  await publisher.publish(scene.Order, { id: "later" });
  await publisher.publish(scene.Order, { id: "never" });
  const [dead] = await take(connection, scene.dead);
  expect(dead!.headers["x-warren-attempt"]).toBe(3);
  expect(attempts.items.toSorted()).toEqual(["later 1", "later 2", "never 1", "never 2", "never 3"]);
  expect(connection.healthy()).toBe(true);
});
