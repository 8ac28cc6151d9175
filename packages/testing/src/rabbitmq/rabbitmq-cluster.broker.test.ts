import { setTimeout } from "node:timers/promises";
import amqplib from "amqplib";
import { afterAll, beforeAll, expect } from "vitest";
import type { RabbitMqCluster } from "./rabbitmq-cluster.ts";
import type { RabbitMqNode } from "./rabbitmq-node.ts";
import { startRabbitMqCluster } from "./start-rabbitmq-cluster.ts";
import { testOnRabbitMq } from "../vitest/test-on.ts";

const test = await testOnRabbitMq();
let cluster: RabbitMqCluster;

beforeAll(async () => {
  cluster = await startRabbitMqCluster({ nodes: 3 });
}, 120_000);

afterAll(async () => {
  await cluster.close();
});

test("three nodes form one cluster, and what one confirms is found on another", async () => {
  const [first, second] = cluster.nodes;
  await publish(first!, "shared");
  expect(await depth(second!, "shared")).toBe(1);
});

test("the leader of a quorum queue can be found and killed, and the others go on", async () => {
  const [first] = cluster.nodes;
  await publish(first!, "led");
  // A quorum queue whose leader dies in its first seconds can stay without one for good.
  await setTimeout(2_000);
  const leader = await cluster.leaderOf("led");
  await leader.kill();
  const survivor = cluster.nodes.find((node) => node !== leader)!;
  await expect.poll(() => confirms(survivor, "led"), { timeout: 40_000 }).toBe(true);
  await leader.start();
  await cluster.waitUntilWhole();
  expect(await depth(leader, "led")).toBeGreaterThanOrEqual(2);
});

test("a node that is cut off loses its clients, the majority goes on, and rejoin makes it whole again", async () => {
  const [isolated, other] = cluster.nodes;
  await publish(other!, "majority");
  await setTimeout(2_000);
  await using connection = await open(isolated!);
  const closed = new Promise((resolve) => connection.model.once("close", resolve));
  await cluster.partition(isolated!);
  await closed;
  await expect.poll(() => confirms(other!, "majority"), { timeout: 40_000 }).toBe(true);
  await cluster.rejoin();
  expect(await depth(isolated!, "majority")).toBeGreaterThanOrEqual(2);
});

/** Whether a publish is confirmed within two seconds: during an election it may be nacked, or get no answer at all. */
function confirms(node: RabbitMqNode, queue: string): Promise<boolean> {
  const confirmed = publish(node, queue).then(
    () => true,
    () => false,
  );
  return Promise.race([confirmed, setTimeout(2_000, false)]);
}

async function publish(node: RabbitMqNode, queue: string): Promise<void> {
  await using connection = await open(node);
  const channel = await connection.model.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  channel.sendToQueue(queue, Buffer.from("x"), { persistent: true });
  await channel.waitForConfirms();
}

async function depth(node: RabbitMqNode, queue: string): Promise<number> {
  await using connection = await open(node);
  const channel = await connection.model.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  return messageCount;
}

/** A connection that is closed at the end of the block. */
async function open(node: RabbitMqNode): Promise<AsyncDisposable & { readonly model: amqplib.ChannelModel }> {
  const model = await amqplib.connect(node.url);
  model.on("error", () => undefined);
  return {
    model,
    [Symbol.asyncDispose]: async () => {
      await model.close().catch(() => undefined);
    },
  };
}
