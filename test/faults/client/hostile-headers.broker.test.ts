import { onAny } from "@warren/consumer";
import type { Headers, PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Seen } from "../../guarantees/seen.ts";
import { SettleOnce } from "../checkers/settle-once.ts";
import { createScene, nothingLeft } from "./client-scene.ts";
import { nestedTable, publishRaw } from "./raw-publisher.ts";

const broker = useBroker({ broker: "real" });

test.each([60, 63, 64, 127, 140])(
  "[C22] headers of %i KiB are refused with the limit before they are written, and their neighbours are confirmed",
  async (kib) => {
    await using proxy = await startFaultProxy({ target: broker });
    await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
    await using publisher = createPublisher(scene.connection);
    using frames = proxy.frames();
    const settles = new SettleOnce();
    const publish = (id: string, headers: Headers = {}): Promise<unknown> =>
      settles.watch(id, publisher.publish(scene.Order, { id }, { headers }));
    const [before, refused, after] = await Promise.allSettled([
      publish("before"),
      publish("large", { stack: "x".repeat(kib * 1024) }),
      publish("after"),
    ]);
    expect(before.status).toBe("fulfilled");
    expect(after.status).toBe("fulfilled");
    expect((refused as PromiseRejectedResult).reason as PublishError).toMatchObject({
      code: "PUBLISH_INVALID",
      message: expect.stringContaining("headers are larger than 49152 bytes") as string,
      outcome: { status: "refused", stored: "no" },
    });
    expect(await settles.problems(0)).toEqual([]);
    expect(frames.count("basic.publish", "toServer")).toBe(2);
    expect(frames.count("connection.close", "toClient")).toBe(0);
  },
);

test("[C23] a message whose headers are nested beyond reason costs no connection: it is dead-lettered, and its neighbours are handled", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  const handled = new Seen<string>();
  await scene.consumer({ handlers: [onAny(({ messageId }) => handled.add(messageId ?? "none"))] });
  await scene.order("before");
  await publishRaw(broker.url, scene.queue.name, nestedTable(8_000), Buffer.from("bomb"));
  await scene.order("after");
  const [dead] = await scene.take(1);
  expect(dead!.body.toString()).toBe("bomb");
  expect(dead!.headers).toMatchObject({ "x-warren-error-code": "DECODE_FAILED" });
  await handled.until(2);
  expect(await scene.left()).toEqual(nothingLeft);
  expect(handled.items).toEqual(["before", "after"]);
  expect(proxy.acceptedCount).toBe(2);
});
