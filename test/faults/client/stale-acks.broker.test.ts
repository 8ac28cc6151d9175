import { on } from "@warren/consumer";
import { diagnostics, type DiagnosticsEvents } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Gate, recorded, Seen } from "../../guarantees/seen.ts";
import { TotalQueue } from "../checkers/total-queue.ts";
import { WireRules } from "../checkers/wire-rules.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();

test("[C6] the end of a handler whose connection is gone sends nothing, although another message has its tag by then", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  const rules = new WireRules();
  using frames = proxy.frames(rules.frame);
  using stale = recorded<DiagnosticsEvents["staleSettle"]>(diagnostics.staleSettle);
  const ledger = new TotalQueue();
  const [begun, first, second] = [new Seen<string>(), new Gate(), new Gate()];
  const consumer = await scene.consumer({
    prefetch: 1,
    handlers: [
      on(scene.Order, async ({ id }) => {
        begun.add(id);
        await (id === "m1" ? first : second).opened;
        ledger.end(id);
      }),
    ],
  });
  const publish = async (id: string): Promise<void> => {
    ledger.attempt(id);
    await scene.order(id);
    ledger.confirm(id);
  };
  await publish("m1");
  await begun.until(1);
  proxy.refuse();
  proxy.reset();
  // Another consumer handles m1 meanwhile.
  expect(await scene.take(1, scene.queue.name)).toMatchObject([{ messageId: "m1", redelivered: true }]);
  await proxy.heal();
  await publish("m2");
  await begun.until(2);
  expect(frames.count("basic.ack", "toServer")).toBe(0);
  first.open();
  expect((await stale.until(1))[0]).toMatchObject({ deliveryTag: 1 });
  second.open();
  await consumer.idle();
  expect(frames.count("basic.ack", "toServer")).toBe(1);
  expect(rules.problems()).toEqual([]);
  expect(await scene.left()).toEqual(nothingLeft);
  ledger.drained();
  expect(ledger.problems()).toEqual([]);
  expect(consumer.staleSettleCount).toBe(1);
});
