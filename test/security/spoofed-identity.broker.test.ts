import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import type { Delivery } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Scene, take } from "../guarantees/scene.ts";
import { Seen } from "../guarantees/seen.ts";

const broker = useBroker();

test("S10: a publish with another's user id is refused by the broker, that one only, and its neighbours are confirmed", async () => {
  await using scene = new Scene(broker.url);
  await using connection = await connect(broker.url, { topology: scene.topology });
  await using publisher = createPublisher(connection);
  const self = decodeURIComponent(new URL(broker.url).username);
  const seen = new Seen<Delivery>();
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [on(scene.Order, (_order, delivery) => seen.add(delivery))],
  });
  await consumer.start();
  const before = Array.from({ length: 50 }, (_, id) =>
    publisher.publish(scene.Order, { id: `before-${id}` }),
  );
  const spoofed = publisher.publish(scene.Order, { id: "spoofed" }, { userId: "admin" });
  const after = Array.from({ length: 50 }, (_, id) =>
    publisher.publish(scene.Order, { id: `after-${id}` }, { userId: self }),
  );
  await expect(spoofed).rejects.toMatchObject({
    code: "PUBLISH_REFUSED",
    outcome: { stored: "no" },
    cause: { code: "BROKER_PRECONDITION_FAILED" },
  });
  for (const { status } of await Promise.all([...before, ...after])) expect(status).toBe("confirmed");
  await consumer.idle();
  const senders = new Map(
    seen.items.map(({ payload, properties }) => [(payload as { id: string }).id, properties.userId]),
  );
  expect(senders.size).toBe(100);
  expect(senders.get("after-0")).toBe(self);
  expect(senders.has("spoofed")).toBe(false);
});

test("S10: a false user id refused on the way to a queue by its name leaves that way open for the next publish", async () => {
  await using scene = new Scene(broker.url);
  await using connection = await connect(broker.url, { topology: scene.topology });
  await using publisher = createPublisher(connection);
  const toQueue = { exchange: "", routingKey: scene.queue.name, body: Buffer.from("x") };
  await expect(publisher.publish({ ...toQueue, userId: "admin" })).rejects.toMatchObject({
    code: "PUBLISH_REFUSED",
    cause: { code: "BROKER_PRECONDITION_FAILED" },
  });
  await expect(publisher.publish(toQueue)).resolves.toMatchObject({ status: "confirmed" });
});

test("S10: a stranger's headers make nobody its sender: not in the handler, and not in the dead letter", async () => {
  await using scene = new Scene(broker.url);
  await using connection = await connect(broker.url, { topology: scene.topology });
  const seen = new Seen<Delivery>();
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [
      on(scene.Order, (_order, delivery) => {
        seen.add(delivery);
        throw new Error("boom");
      }),
    ],
  });
  await consumer.start();
  await connection.channels.confirm().publish({
    exchange: scene.exchange,
    routingKey: "order.placed",
    type: "order",
    contentType: "application/json",
    body: Buffer.from(JSON.stringify({ id: "forged" })),
    headers: {
      "x-warren-user-id": "admin",
      "x-warren-origin-queue": "treasury",
      "x-warren-origin-exchange": "treasury",
      "x-warren-origin-routing-key": "pay.out",
    },
  });
  const [dead] = await take(connection, scene.dead);
  for (const delivery of seen.items) {
    expect(delivery.properties.userId).toBeUndefined();
    expect(delivery.exchange).toBe(scene.exchange);
    expect(delivery.routingKey).toBe("order.placed");
  }
  expect(dead!.properties.userId).toBeUndefined();
  expect(dead!.headers).not.toHaveProperty("x-warren-user-id");
  expect(dead!.headers).toMatchObject({
    "x-warren-origin-queue": scene.queue.name,
    "x-warren-origin-exchange": scene.exchange,
    "x-warren-origin-routing-key": "order.placed",
  });
});
