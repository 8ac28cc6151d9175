import type { PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { createScene } from "./client-scene.ts";

const broker = useBroker();
const mebibyte = 1024 * 1024;

test("[C25] a body of 100 MB is refused by its size before anything of it is copied or written", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  await using publisher = createPublisher(scene.connection);
  await publisher.publish(scene.Order, { id: "opens the channel" });
  const body = Buffer.alloc(100 * mebibyte);
  using frames = proxy.frames();
  const before = process.memoryUsage().arrayBuffers;
  const error = await publisher
    .publish({ exchange: scene.exchange, routingKey: "order.placed", body })
    .catch((thrown: unknown) => thrown as PublishError);
  expect(error).toMatchObject({
    code: "PUBLISH_INVALID",
    message: expect.stringContaining("104857600 bytes, more than maxBodyBytes 16777216") as string,
    outcome: { status: "refused", stored: "no" },
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * mebibyte);
  await publisher.publish(scene.Order, { id: "after" });
  expect(frames.count("basic.publish", "toServer")).toBe(1);
});
