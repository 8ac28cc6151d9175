import { deduplicate, on } from "@warren/consumer";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Seen } from "../../guarantees/seen.ts";
import { inversions, type Numbered } from "../checkers/key-order.ts";
import { TotalQueue } from "../checkers/total-queue.ts";
import { WireRules } from "../checkers/wire-rules.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();
const count = 200;
const prefetch = 20;

test("[C31] deliveries that come twice because their acks were lost have one effect each, recognised by their message id", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  const rules = new WireRules();
  using _frames = proxy.frames(rules.frame);
  const ledger = new TotalQueue();
  const effects = new Seen<string>();
  const redelivered = new Seen<string>();
  let loses = 4;
  const consumer = await scene.consumer({
    prefetch,
    concurrency: 1,
    middleware: [
      (delivery, next) => {
        if (delivery.redelivered) redelivered.add(delivery.messageId!);
        return next(delivery);
      },
      deduplicate(),
    ],
    handlers: [
      on(scene.Order, ({ id }) => {
        ledger.end(id);
        // Nothing more is acknowledged by this connection: what it holds comes again, this message with it.
        if (effects.items.length % 40 === 20 && loses-- > 0) {
          proxy.blackHole("toServer");
          void turns(20).then(() => {
            proxy.reset();
            return proxy.heal();
          });
        }
        effects.add(id);
      }),
    ],
  });
  const ids = Array.from({ length: count }, (_, index) => `m${index}`);
  for (const id of ids) ledger.attempt(id);
  await Promise.all(ids.map(async (id) => scene.order(id).then(() => ledger.confirm(id))));
  await effects.until(count);
  await consumer.idle();
  expect(await scene.left()).toEqual(nothingLeft);
  ledger.drained();
  expect(ledger.problems()).toEqual([]);
  expect(redelivered.items.length).toBeGreaterThanOrEqual(count * 0.05);
  expect(ledger.audit().duplicates).toBe(0);
  expect(rules.problems()).toEqual([]);
});

/** Time enough for acks to be written, however slow the machine is. */
async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((next) => setImmediate(next));
}

test("[C32] with a key the order of its messages holds over resets, while keys overtake each other", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, {
    by: proxy.url(broker.url),
    queue: { singleActiveConsumer: true },
  });
  const rules = new WireRules();
  using _frames = proxy.frames(rules.frame);
  const ended = new Seen<Numbered>();
  const atWork = new Map<string, number>();
  const numberOf = (id: string): Numbered => ({ key: id.slice(0, 2), number: Number(id.slice(3)) });
  let most = 0;
  const consumer = await scene.consumer({
    concurrency: 10,
    handlers: [
      on(
        scene.Order,
        async ({ id }, { signal }) => {
          const { key, number } = numberOf(id);
          // What the handler of a lost channel still does is beside the next one's work: its signal tells it.
          const working = atWork.get(key) ?? 0;
          if (!signal.aborted) atWork.set(key, working + 1);
          most = Math.max(most, atWork.get(key) ?? 0);
          const leave = (): void => void atWork.set(key, 0);
          signal.addEventListener("abort", leave);
          for (let turn = (number * 7) % 11; turn > 0; turn--)
            await new Promise((next) => setImmediate(next));
          leave();
          if (signal.aborted) return;
          ended.add({ key, number });
          if (ended.items.length % 60 === 30) proxy.reset();
        },
        { orderBy: ({ id }) => id.slice(0, 2) },
      ),
    ],
  });
  const ids = Array.from({ length: 50 }, (_, number) =>
    ["eu", "us", "jp", "br"].map((key) => `${key}-${number}`),
  );
  for (const id of ids.flat()) await scene.order(id);
  await ended.until((all) => new Set(all.map(({ key, number }) => `${key}-${number}`)).size === count);
  await consumer.idle();
  expect(await scene.left()).toEqual(nothingLeft);
  expect(inversions(ended.items)).toEqual([]);
  expect(most).toBe(1);
  expect(ended.items.map(({ key }) => key).join("")).not.toBe("euusjpbr".repeat(50));
  expect(rules.problems()).toEqual([]);
});
