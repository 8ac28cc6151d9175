import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { diagnostics } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { readyCount, Scene } from "./scene.ts";
import { Gate, recorded, Seen } from "./seen.ts";

const broker = useBroker();

test("[B8] 404 on publish disturbs no other channel: the consumer keeps its own, with its un-acked delivery", async () => {
  await using scene = new Scene(broker.url);
  await using proxy = await startFaultProxy({ target: broker });
  using frames = proxy.frames();
  using closed = recorded<{ channel: string }>(diagnostics.channelClosed);
  const doomed = `${scene.exchange}-doomed`;
  const bad = { exchange: doomed, routingKey: "x", body: Buffer.from("bad") };
  await using connection = await connect(proxy.url(broker.url), { topology: scene.topology });
  await using publisher = createPublisher(connection, { maxInFlight: 64 });
  await using other = createPublisher(connection);
  const [begun, gate] = [new Seen<boolean>(), new Gate()];
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [
      on(scene.Order, async (order, { redelivered }) => {
        begun.add(redelivered);
        if (order.id === "held") await gate.opened;
      }),
    ],
  });
  await consumer.start();
  await other.publish(scene.Order, { id: "held" });
  await begun.until(1);

  // It is there when it is first used, so that the publisher believes in it; then someone deletes it.
  const settings = { durable: false, autoDelete: false, internal: false, arguments: {} };
  await connection.channels.withChannel((channel) => channel.declareExchange(doomed, "fanout", settings));
  await expect(publisher.publish(bad)).rejects.toMatchObject({ code: "PUBLISH_RETURNED" });
  await connection.channels.withChannel((channel) => channel.deleteExchange(doomed));

  const good = Array.from({ length: 100 }, (_, id) => publisher.publish(scene.Order, { id: `before-${id}` }));
  const refused = publisher.publish(bad);
  const after = Array.from({ length: 100 }, (_, id) => publisher.publish(scene.Order, { id: `after-${id}` }));
  await expect(refused).rejects.toMatchObject({
    code: "PUBLISH_REFUSED",
    outcome: { stored: "no" },
    cause: { code: "BROKER_NOT_FOUND" },
  });
  for (const confirmed of await Promise.all([...good, ...after])) expect(confirmed.status).toBe("confirmed");

  expect(frames.count("channel.close", "toClient")).toBeGreaterThan(0);
  expect(frames.count("connection.close")).toBe(0);
  expect(new Set(closed.items.map(({ channel }) => channel)).size).toBe(1);
  expect(consumer.state.kind).toBe("consuming");
  gate.open();
  await consumer.idle();
  await consumer.stop();
  expect(consumer.staleSettleCount).toBe(0);
  expect(begun.items.every((redelivered) => !redelivered)).toBe(true);
  expect(await readyCount(connection, scene.queue.name)).toBe(0);
});
