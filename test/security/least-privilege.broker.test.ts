import { connect, deleteTopology } from "@warren/connection";
import { createConsumer, on, onAny } from "@warren/consumer";
import { type Confirmation, diagnostics, markPermanent } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { Scene, take } from "../guarantees/scene.ts";
import { recorded, Seen } from "../guarantees/seen.ts";

const test = await testOnRabbitMq();
let node: RabbitMqNode;
let scene: Scene;

function urlOf(user: string): string {
  return `amqp://${user}:secret@127.0.0.1:${node.port}`;
}

/** Someone else has declared the topology; these users may work in it and change nothing. */
beforeAll(async () => {
  node = await startRabbitMq();
  scene = new Scene(node.url);
  const { exchange, queue, dead } = scene;
  const user = (name: string, write: string, read: string): Promise<void> =>
    node.addUser({ name, password: "secret", permissions: { "/": { configure: "^$", write, read } } });
  await user("writer", `^${exchange}$`, "^$");
  await user("reader", "^$", `^(${queue.name}|${dead})$`);
  await user("mover", "^amq\\.default$", `^(${queue.name}|${dead})$`);
  await using admin = await connect(node.url, { topology: scene.topology });
  await admin.declare();
});
afterAll(async () => {
  await using admin = await connect(node.url);
  await deleteTopology(admin, scene.topology);
  await node.close();
});

describe("S9: least privilege", () => {
  test.each(["check", "none"] as const)(
    "S9: a write-only publisher and a read-only consumer do their work (declare: %s)",
    async (declare) => {
      await using writer = await connect(urlOf("writer"), { topology: scene.topology, declare });
      await using reader = await connect(urlOf("reader"), { topology: scene.topology, declare });
      await using publisher = createPublisher(writer);
      const handled = new Seen<string>();
      // By its name: what fails is rejected, and the broker moves it, for which no permission is needed.
      await using consumer = createConsumer(reader, {
        queue: scene.queue.name,
        handlers: [
          on(scene.Order, ({ id }) => {
            if (id === "bad") throw new Error("boom");
            handled.add(id);
          }),
        ],
      });
      await consumer.start();
      for (const id of ["good", "bad"]) await publisher.publish(scene.Order, { id });
      const [dead] = await take(reader, scene.dead);
      expect(dead!.payload).toEqual({ id: "bad" });
      expect(handled.items).toEqual(["good"]);
    },
  );

  test("S9: with write permission on amq.default besides, a consumer climbs the ladder and dead-letters", async () => {
    await using admin = await connect(node.url);
    await using publisher = createPublisher(admin);
    await using connection = await connect(urlOf("mover"), { topology: scene.topology, declare: "check" });
    const attempts = new Seen<number>();
    await using consumer = createConsumer(connection, {
      queue: scene.queue,
      handlers: [
        on(scene.Order, (_order, { attempt }) => {
          attempts.add(attempt);
          throw new Error("boom");
        }),
      ],
    });
    await consumer.start();
    await publisher.publish(scene.Order, { id: "climbs" });
    const [dead] = await take(connection, scene.dead);
    expect(dead!.headers).toMatchObject({ "x-warren-attempt": 3, "x-warren-error-message": "boom" });
    expect(attempts.items).toEqual([1, 2, 3]);
  });

  test("S9: a consumer that may not dead-letter keeps the message until the permission is granted", async () => {
    const [configure, read] = ["^$", `^(${scene.queue.name}|${scene.dead})$`];
    await node.addUser({
      name: "promoted",
      password: "secret",
      permissions: { "/": { configure, write: "^$", read } },
    });
    await using admin = await connect(node.url);
    await using publisher = createPublisher(admin);
    await using connection = await connect(urlOf("promoted"), { topology: scene.topology, declare: "none" });
    using confirms = recorded<{ confirmation: Confirmation }>(diagnostics.confirm);
    await using consumer = createConsumer(connection, {
      queue: scene.queue,
      handlers: [
        on(scene.Order, () => {
          throw markPermanent(new Error("boom"));
        }),
      ],
    });
    await consumer.start();
    await publisher.publish(scene.Order, { id: "kept" });
    await confirms.until((all) => all.some(({ confirmation }) => confirmation.status === "refused"));
    const refused = confirms.items.find(({ confirmation }) => confirmation.status === "refused");
    expect(refused!.confirmation).toMatchObject({
      error: {
        code: "BROKER_ACCESS_REFUSED",
        message: expect.stringMatching(
          /user "promoted" needs write permission on exchange "amq.default"/,
        ) as string,
      },
    });
    expect(consumer.heldCount).toBe(1);
    await node.setPermissions("promoted", { configure, write: "^amq\\.default$", read });
    const [dead] = await take(admin, scene.dead);
    expect(dead!.payload).toEqual({ id: "kept" });
  });

  test("S9: a publisher without write permission hears which one is missing, for that publish only", async () => {
    await using writer = await connect(urlOf("writer"));
    await using publisher = createPublisher(writer);
    const refused = publisher.publish({ exchange: "amq.topic", routingKey: "x", body: Buffer.from("x") });
    const confirmed = publisher.publish(scene.Order, { id: "allowed" });
    await expect(refused).rejects.toMatchObject({
      code: "PUBLISH_REFUSED",
      outcome: { stored: "no" },
      cause: { code: "BROKER_ACCESS_REFUSED" },
      message: expect.stringMatching(
        /user "writer" needs write permission on exchange "amq.topic"/,
      ) as string,
    });
    await expect(confirmed).resolves.toMatchObject({ status: "confirmed" });
    await using reader = await connect(urlOf("reader"));
    await take(reader, scene.queue.name);
  });

  test("S9: a consumer without read permission fails to start, and hears which one is missing", async () => {
    await using writer = await connect(urlOf("writer"));
    await using consumer = createConsumer(writer, {
      queue: scene.queue.name,
      handlers: [onAny(() => undefined)],
    });
    await expect(consumer.start()).rejects.toMatchObject({
      code: "BROKER_ACCESS_REFUSED",
      message: expect.stringMatching(/user "writer" needs read permission on queue "guarantee-/) as string,
    });
    expect(consumer.healthy()).toBe(false);
    expect(writer.healthy()).toBe(false);
  });

  test("S9: a declaration without configure permission is refused at connect, with the permission that is missing", async () => {
    await expect(connect(urlOf("reader"), { topology: new Scene(node.url).topology })).rejects.toMatchObject({
      code: "BROKER_ACCESS_REFUSED",
      message: expect.stringMatching(
        /user "reader" needs configure permission on exchange "guarantee-/,
      ) as string,
    });
  });
});
