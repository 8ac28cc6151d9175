import { once } from "node:events";
import { expect, test } from "vitest";
import { faultScene, publishAll } from "./faults.test-support.ts";

const scene = faultScene();

test("whoever publishes is blocked from then on, and told why", async () => {
  const channel = await scene.confirmChannel();
  using blocked = scene.broker.faults.blockPublishers();
  const told = once(channel.connection as never, "blocked");
  const answers = publishAll(channel, ["1", "2"]);
  expect(await told).toEqual(["low on memory"]);
  expect(blocked.struckCount).toBe(1);
  expect(await scene.readyCount()).toBe(1);
  const unblocked = once(channel.connection as never, "unblocked");
  blocked.remove();
  await unblocked;
  expect(await Promise.all(answers)).toEqual(["ack", "ack"]);
  expect(await scene.readyCount()).toBe(2);
});

test("those that come later are blocked, too, with the latest reason", async () => {
  const memory = scene.broker.faults.blockPublishers();
  const disk = scene.broker.faults.blockPublishers({ reason: "low on disk" });
  const channel = await scene.confirmChannel();
  const told = once(channel.connection as never, "blocked");
  const answers = publishAll(channel, ["1", "2"]);
  expect(await told).toEqual(["low on disk"]);
  disk.remove();
  expect(await scene.readyCount()).toBe(1);
  scene.broker.faults.clear();
  expect(await Promise.all(answers)).toEqual(["ack", "ack"]);
  expect([memory.struckCount, disk.struckCount]).toEqual([0, 1]);
  await expect(Promise.all(publishAll(await scene.confirmChannel(), ["3"]))).resolves.toEqual(["ack"]);
});
