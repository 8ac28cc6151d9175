import { expect, test } from "vitest";
import { protocolHeader } from "../codec/frames.ts";
import { ManualClock } from "../manual-clock.ts";
import { RawClient } from "../wire/raw-client.test-support.ts";
import { faultScene, publishAll } from "./faults.test-support.ts";

const clock = new ManualClock();
const scene = faultScene({ clock });

test("a frozen broker says nothing and takes nothing, and goes on where it was", async () => {
  const channel = await scene.confirmChannel();
  const frozen = scene.broker.faults.freeze();
  expect(frozen.struckCount).toBe(2);
  const [answer] = publishAll(channel, ["1"]);
  const client = await RawClient.connect(scene.broker.port);
  client.write(protocolHeader);
  await frozen.struckTimes(3);
  expect(client.received).toEqual([]);
  frozen.remove();
  await client.next("connection.start");
  expect(await answer).toBe("ack");
  client.end();
});

test("what it was about to answer stays with it", async () => {
  const { faults } = scene.broker;
  const client = await RawClient.open({ port: scene.broker.port });
  client.send(1, "confirm.select", { noWait: false });
  await client.next("confirm.select-ok");
  const frozen = new Promise<ReturnType<typeof faults.freeze>>((resolve) => {
    faults.dropConfirms({
      times: 1,
      when: () => {
        resolve(faults.freeze());
        return false;
      },
    });
  });
  client.publish({ routingKey: "q" });
  const fault = await frozen;
  const hit = fault.struckTimes(fault.struckCount + 1);
  const late = await RawClient.connect(scene.broker.port);
  await hit;
  expect(client.received).toEqual([]);
  fault.remove();
  expect((await client.next("basic.ack")).arguments.deliveryTag).toBe(1);
  client.end();
  late.end();
});

test("it is frozen until the last of two has ended, and cuts nobody off", async () => {
  const { faults } = scene.broker;
  const first = faults.freeze();
  const second = faults.freeze();
  const hit = second.struckTimes(second.struckCount + 1);
  const client = await RawClient.connect(scene.broker.port);
  client.write(protocolHeader);
  await hit;
  first.remove();
  clock.advance(10_000);
  expect(client.received).toEqual([]);
  second.remove();
  await client.next("connection.start");
  clock.advance(10_000);
  await client.next("end");
});

test("a frozen broker can be closed", async () => {
  scene.broker.faults.freeze();
  await expect(scene.broker.close()).resolves.toBeUndefined();
});
