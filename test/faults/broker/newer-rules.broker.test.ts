import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { describeRabbitMq } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Scene, take } from "../../guarantees/scene.ts";

/** What RabbitMQ 4.3 refuses by default can be refused by 4.0 already. */
const config = ["transient_nonexcl_queues", "global_qos", "queue_master_locator"].map(
  (feature) => `deprecated_features.permit.${feature} = false`,
);

describeRabbitMq("RabbitMQ that refuses what 4.3 does", { version: "4", config }, (node) => {
  test("[B36] Warren works with its retries and dead letters, and asks for nothing of it", async () => {
    await using scene = new Scene(node().url);
    await using proxy = await startFaultProxy({ target: node() });
    const asked: Buffer[] = [];
    using frames = proxy.frames(({ method, payload }) => {
      if (method === "queue.declare" || method === "basic.qos") asked.push(payload);
    });
    await using connection = await connect(proxy.url(node().url), { topology: scene.topology });
    await using publisher = createPublisher(connection);
    await using consumer = createConsumer(connection, {
      queue: scene.queue,
      handlers: [on(scene.Order, () => Promise.reject(new Error("no card")))],
    });
    await consumer.start();
    await publisher.publish(scene.Order, { id: "a" });
    const [dead] = await take(connection, scene.dead);
    expect(dead!.headers["x-warren-attempt"]).toBe(3);
    expect(frames.count("basic.qos", "toServer")).toBeGreaterThan(0);
    const global = asked.filter(
      (payload) => payload.readUInt32BE(0) === ((60 << 16) | 10) && payload.at(-1) !== 0,
    );
    expect(global).toEqual([]);
    for (const argument of ["x-queue-mode", "x-queue-version", "x-queue-master-locator"])
      expect(asked.filter((payload) => payload.includes(argument))).toEqual([]);
  });

  test("[B36] a refusal names its rule", async () => {
    await using connection = await connect(node().url);
    const transient = { durable: false, exclusive: false, autoDelete: false, arguments: {} };
    await expect(
      connection.channels.withChannel((channel) => channel.declareQueue("transient", transient)),
    ).rejects.toMatchObject({ message: expect.stringContaining("transient_nonexcl_queues") as string });
  });
});
