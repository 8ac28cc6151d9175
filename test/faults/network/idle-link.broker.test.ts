import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { diagnostics } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Scene } from "../../guarantees/scene.ts";
import { recorded, Seen } from "../../guarantees/seen.ts";
import { IdleKiller } from "./idle-killer.ts";

const broker = useBroker();

test("[N16] heartbeats keep a connection that a middlebox would drop when it is idle", async () => {
  await using scene = new Scene(broker.url);
  await using proxy = await startFaultProxy({ target: broker });
  await using connection = await connect(proxy.url(broker.url), {
    topology: scene.topology,
    heartbeatSeconds: 1,
  });
  await using publisher = createPublisher(connection);
  await publisher.publish(scene.Order, { id: "opens the channel" });
  using killer = new IdleKiller(proxy, 2_000);
  using frames = proxy.frames();
  // Longer than the middlebox waits, on both connections.
  const heartbeats = proxy.connections.map(async ({ id }) => {
    for (let count = 0; count < 5; count++)
      await frames.next(
        ({ type, connection: { id: whose } }) => type === "heartbeat" && whose === id,
        "toClient",
      );
  });
  expect(heartbeats).toHaveLength(2);
  await Promise.all(heartbeats);
  expect(killer.killedCount).toBe(0);
  await expect(publisher.publish(scene.Order, { id: "after" })).resolves.toMatchObject({ attempts: 1 });
  expect(proxy.acceptedCount).toBe(2);
});

test("[N16] without heartbeats an idle connection that is dropped is made again, with its consumers", async () => {
  await using scene = new Scene(broker.url);
  await using proxy = await startFaultProxy({ target: broker });
  await using connection = await connect(proxy.url(broker.url), {
    topology: scene.topology,
    heartbeatSeconds: 0,
    reconnect: { baseMs: 10, maxMs: 50 },
  });
  const seen = new Seen<string>();
  await using publisher = createPublisher(connection);
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [on(scene.Order, ({ id }) => seen.add(id))],
  });
  await consumer.start();
  await publisher.publish(scene.Order, { id: "before" });
  await seen.until(1);
  await consumer.idle();
  using states = recorded<{ socket: string; to: string }>(diagnostics.connectionState);
  {
    using killer = new IdleKiller(proxy, 200);
    const isBack = (socket: string): boolean =>
      states.items.findLast((each) => each.socket === socket)?.to === "open";
    await states.until(() => killer.killedCount >= 2 && isBack("publish") && isBack("consume"));
  }
  await publisher.publish(scene.Order, { id: "after" });
  expect(await seen.until((items) => items.includes("after"))).toEqual(["before", "after"]);
});
