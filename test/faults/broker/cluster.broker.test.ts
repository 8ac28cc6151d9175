import { setTimeout } from "node:timers/promises";
import { connect, defineTopology } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { diagnostics, type PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { type RabbitMqCluster, type RabbitMqNode, startRabbitMqCluster } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { Scene } from "../../guarantees/scene.ts";
import { recorded } from "../../guarantees/seen.ts";
import { TotalQueue } from "../checkers/total-queue.ts";
import { Traffic } from "../traffic.ts";

const test = await testOnRabbitMq();

/** Younger than this, a quorum queue whose leader dies can stay without one for good. */
const queueAgeMs = 2_000;
let cluster: RabbitMqCluster;

beforeAll(async () => {
  cluster = await startRabbitMqCluster({ nodes: 3 });
}, 120_000);
afterEach(async () => {
  await Promise.all(cluster.nodes.map((node) => node.start()));
  await cluster.waitUntilWhole();
}, 60_000);
afterAll(() => cluster.close());

async function declare({ url, topology }: Scene): Promise<void> {
  await using _declaring = await connect(url, { topology });
}

async function leaderAndOthers(scene: Scene): Promise<[RabbitMqNode, RabbitMqNode, RabbitMqNode]> {
  await declare(scene);
  const leader = await cluster.leaderOf(scene.queue.name);
  const [one, two] = cluster.nodes.filter((node) => node !== leader);
  return [leader, one!, two!];
}

test("[B23] when the leader of a quorum queue dies, clients of other nodes keep their connections, and nothing is lost", async () => {
  await using scene = new Scene(cluster.urls[1]!);
  const [leader, one, two] = await leaderAndOthers(scene);
  await using traffic = await Traffic.begin(scene, { publish: [one.url], consume: [two.url] });
  await Promise.all([traffic.flows(200), setTimeout(queueAgeMs)]);
  await leader.kill();
  await traffic.flows(500);
  expect(traffic.losses).toEqual([]);
  expect(await traffic.end()).toEqual([]);
  expect(traffic.failures).toEqual([]);
  expect(traffic.ledger.audit().duplicates).toBeLessThanOrEqual(traffic.maxDuplicates(1));
  await leader.start();
  await cluster.waitUntilWhole();
});

test("[B24] when the leader moves from node to node, nothing is refused, lost or overtaken", async () => {
  await using scene = new Scene(cluster.urls[0]!);
  await using traffic = await Traffic.begin(scene, {
    publish: [cluster.urls[0]!],
    consume: [cluster.urls[1]!],
  });
  await Promise.all([traffic.flows(100), setTimeout(queueAgeMs)]);
  for (let moves = 0; moves < 4; moves++) {
    const [leader, next] = await leaderAndOthers(scene);
    await leader.evalErlang(`begin
      {ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${scene.queue.name}">>)),
      {migrated, _} = rabbit_quorum_queue:transfer_leadership(Queue, '${next.name}'), ok end`);
    await traffic.flows(100);
  }
  expect(traffic.losses).toEqual([]);
  expect(await traffic.end()).toEqual([]);
  expect(traffic.failures).toEqual([]);
  expect(traffic.consumer.staleSettleCount).toBe(0);
  expect(traffic.inversions).toEqual([]);
});

test("[B25] when the node of the clients dies they go on at the next host, and nothing is lost", async () => {
  const [home, elsewhere] = cluster.nodes;
  await using scene = new Scene(elsewhere!.url);
  await declare(scene);
  await using traffic = await Traffic.begin(scene, { publish: cluster.urls, consume: cluster.urls });
  await Promise.all([traffic.flows(200), setTimeout(queueAgeMs)]);
  await home!.kill();
  await traffic.flows(300);
  expect(await traffic.end()).toEqual([]);
  expect(traffic.failures).toEqual([]);
  expect(new Set(traffic.losses.map(({ connection }) => connection)).size).toBe(2);
  expect(traffic.ledger.audit().duplicates).toBeLessThanOrEqual(traffic.maxDuplicates(2));
  // A quorum queue without one of its members takes RabbitMQ many seconds to delete.
  await home!.start();
  await cluster.waitUntilWhole();
});

// A channel that was opened before the queue has its new leader asks the dead one, and nacks until that is back
// (RabbitMQ 3.10.8); the next channel asks the new one.
test("[B23, B25] when the node of the clients dies and was the leader, publishes are confirmed again while it stays down, and nothing is lost", async () => {
  const [home] = cluster.nodes;
  await using scene = new Scene(home!.url);
  await using traffic = await Traffic.begin(scene, { publish: cluster.urls, consume: cluster.urls });
  await Promise.all([traffic.flows(200), setTimeout(queueAgeMs)]);
  expect(await cluster.leaderOf(scene.queue.name)).toBe(home);
  using renewals = recorded(diagnostics.channelRenewed);
  await home!.kill();
  await traffic.flows(300);
  expect(renewals.items.length).toBeLessThanOrEqual(4);
  expect(await traffic.end()).toEqual([]);
  expect(traffic.failures.filter(({ code }) => code !== "PUBLISH_NACKED")).toEqual([]);
  expect(traffic.ledger.audit().duplicates).toBeLessThanOrEqual(traffic.maxDuplicates(2));
  await home!.start();
  await cluster.waitUntilWhole();
});

test("[B26] when the majority is gone publishes end at their deadline, and nothing is lost once it is back", async () => {
  const [survivor, ...others] = cluster.nodes;
  await using scene = new Scene(survivor!.url);
  await using traffic = await Traffic.begin(scene, { publish: [survivor!.url], consume: [survivor!.url] });
  await using impatient = createPublisher(traffic.publishing, { maxInFlight: 5 });
  await Promise.all([traffic.flows(200), setTimeout(queueAgeMs)]);
  await Promise.all(others.map((node) => node.kill()));
  const told = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const id = `impatient ${index}`;
      traffic.ledger.attempt(id);
      const error = await impatient.publish(scene.Order, { id }, { deliveryTimeoutMs: 1_500 }).then(
        () => undefined,
        (caught: unknown) => caught as PublishError,
      );
      if (error?.outcome.stored === "no") traffic.ledger.refuse(id);
      return error?.code;
    }),
  );
  expect(new Set(told)).toEqual(new Set(["PUBLISH_TIMEOUT"]));
  await Promise.all(others.map((node) => node.start()));
  await cluster.waitUntilWhole();
  await traffic.flows(200);
  expect(await traffic.end()).toEqual([]);
  expect(traffic.failures).toEqual([]);
});

test("[B27] when the leader is cut off with the consumer the majority serves, what was un-acked comes again, and nothing is lost", async () => {
  await using scene = new Scene(cluster.urls[0]!);
  const [leader, one, two] = await leaderAndOthers(scene);
  await using traffic = await Traffic.begin(scene, {
    publish: [one.url],
    consume: [leader.url, two.url],
  });
  await Promise.all([traffic.flows(200), setTimeout(queueAgeMs)]);
  await cluster.partition(leader);
  await traffic.flows(200);
  await cluster.rejoin();
  await traffic.flows(200);
  expect(await traffic.end()).toEqual([]);
  expect(traffic.failures).toEqual([]);
  expect(traffic.losses.length).toBeGreaterThan(0);
});

test("[B16] when the node with a classic queue dies publishers and consumers hear of it, and with it nothing is lost", async () => {
  const [home, elsewhere] = cluster.nodes;
  const name = "classic at home";
  const topology = defineTopology({
    queues: { [name]: { type: "classic", retry: false, deadLetter: false } },
  });
  {
    await using _declaring = await connect(home!.url, { topology });
  }
  await using connection = await connect(elsewhere!.url, { topology, reconnect: { baseMs: 20, maxMs: 200 } });
  await using publisher = createPublisher(connection);
  const ledger = new TotalQueue();
  const publish = async (id: string): Promise<unknown> => {
    ledger.attempt(id);
    return publisher
      .publish(
        { exchange: "", routingKey: name, messageId: id, body: Buffer.from(id) },
        { deliveryTimeoutMs: 2000 },
      )
      .then(
        () => {
          ledger.confirm(id);
          return "confirmed";
        },
        (error: PublishError) => {
          if (error.outcome.stored === "no") ledger.refuse(id);
          return error;
        },
      );
  };
  await using consumer = createConsumer(connection, {
    queue: topology.queues[name],
    handlers: [onAny(({ messageId }) => ledger.end(messageId!))],
  });
  await consumer.start();
  for (let id = 0; id < 50; id++) await publish(`before ${id}`);
  await ledger.ended(50);
  using losses = recorded(diagnostics.connectionState);
  await consumer.pause();
  for (let id = 0; id < 50; id++) await publish(`kept ${id}`);
  await consumer.resume();
  await home!.kill();
  if (consumer.state.kind === "consuming") await consumer.status().next();
  expect(consumer.state).toMatchObject({ kind: "recovering", error: { code: "CHANNEL_LOST" } });
  expect(await publish("while down")).toMatchObject({ code: "PUBLISH_RETURNED", outcome: { stored: "no" } });
  await home!.start();
  expect(await publish("after")).toBe("confirmed");
  await ledger.ended(101);
  await consumer.idle();
  expect(consumer.state.kind).toBe("consuming");
  ledger.drained();
  expect(ledger.problems()).toEqual([]);
  expect(losses.items).toEqual([]);
});
