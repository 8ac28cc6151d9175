import { expect, test } from "vitest";
import { faultScene, publishAll, take } from "./faults.test-support.ts";

const scene = faultScene();

test("a delivery comes twice, and what is acked once is gone", async () => {
  const twice = scene.broker.faults.duplicateDeliveries({ every: 2 });
  await Promise.all(publishAll(await scene.confirmChannel(), ["1", "2", "3"]));
  const channel = await scene.channel();
  const taken = await take(channel, 4);
  expect(taken.map(({ content }) => content.toString())).toEqual(["1", "2", "2", "3"]);
  expect(taken.map(({ fields }) => fields.deliveryTag)).toEqual([1, 2, 3, 4]);
  expect(taken.some(({ fields }) => fields.redelivered)).toBe(false);
  expect(twice.struckCount).toBe(1);
  for (const message of taken) channel.ack(message);
  await channel.close();
  expect(await scene.readyCount()).toBe(0);
});

test("it comes as often as it is told, from the queue it is told", async () => {
  const channel = await scene.channel();
  await channel.assertQueue("other");
  scene.broker.faults.duplicateDeliveries({ queue: "q", deliveryCount: 3, user: "guest", vhost: "/" });
  channel.sendToQueue("q", Buffer.from("x"));
  channel.sendToQueue("other", Buffer.from("y"));
  expect((await take(channel, 3)).map(({ content }) => content.toString())).toEqual(["x", "x", "x"]);
  expect((await take(channel, 1, "other")).map(({ fields }) => fields.deliveryTag)).toEqual([4]);
});

test("its condition sees the whole delivery", async () => {
  const seen: unknown[] = [];
  scene.broker.faults.duplicateDeliveries({ when: (delivery) => seen.push(delivery) === 0 });
  const channel = await scene.channel();
  channel.sendToQueue("q", Buffer.from("x"), { messageId: "m-1" });
  const [message] = await take(channel, 1);
  expect(seen).toEqual([
    {
      vhost: "/",
      user: "guest",
      exchange: "",
      routingKey: "q",
      messageId: "m-1",
      type: undefined,
      headers: {},
      body: Buffer.from("x"),
      queue: "q",
      consumerTag: message!.fields.consumerTag,
      redelivered: false,
    },
  ]);
});
