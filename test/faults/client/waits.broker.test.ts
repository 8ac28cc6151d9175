import { defineTopology } from "@warren/connection";
import { on } from "@warren/consumer";
import { retry } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Seen } from "../../guarantees/seen.ts";
import { createScene } from "./client-scene.ts";

const broker = useBroker();

test("[C27] a short wait never stands behind a long one, since each delay has a queue of its own that leads back", async () => {
  await using scene = await createScene(broker.url, { queue: { retry: { delaysMs: [50, 60_000] } } });
  const { queues } = scene.topology.declarations;
  const waits = queues.filter(({ role }) => role === "retry");
  expect(
    waits.map(({ arguments: { "x-message-ttl": ttl, "x-dead-letter-routing-key": back } }) => [ttl, back]),
  ).toEqual([
    [50, scene.queue.name],
    [60_000, scene.queue.name],
  ]);
  const log = new Seen<string>();
  await scene.consumer({
    handlers: [
      on(scene.Order, ({ id }, { attempt }) => {
        log.add(`${id} ${attempt}`);
        if (attempt > 1) return undefined;
        return retry({ delayMs: id === "long" ? 60_000 : 50, reason: "later" });
      }),
    ],
  });
  await scene.order("long");
  await expect.poll(async () => (await scene.count(`${scene.queue.name}.retry.60000`)).messageCount).toBe(1);
  await scene.order("short");
  await log.until((lines) => lines.includes("short 2"));
  expect(log.items).toEqual(["long 1", "short 1", "short 2"]);
  expect(await scene.left()).toEqual({ work: 0, waiting: 1, dead: 0 });
});

test("[C27] a ladder that cannot work is refused when it is defined", () => {
  for (const delaysMs of [[], [10, 5], [0], [1.5]])
    expect(() => defineTopology({ queues: { q: { retry: { delaysMs } } } })).toThrow(/delaysMs/);
});
