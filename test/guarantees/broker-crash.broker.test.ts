import { setTimeout } from "node:timers/promises";
import { connect, countMessages } from "@warren/connection";
import { createConsumer, on, onAny } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { expect } from "vitest";
import { Ledger } from "./ledger.ts";
import { Scene } from "./scene.ts";
import { Seen } from "./seen.ts";

const test = await testOnRabbitMq();
const maxInFlight = 50;
const prefetch = 40;
const batch = 450;
/** Younger than this, a quorum queue whose node is killed can stay without a leader for good. */
const queueAgeMs = 2_000;

/** A third is handled at once, a third after one failure, a third never. */
function fateOf(id: string): "handled" | "retried" | "dead" {
  return (["handled", "retried", "dead"] as const)[Number(id) % 3]!;
}

test("[B2] kill -9 of the broker amid publishes, retries and dead letters loses nothing, by id, and duplicates stay within the windows", async () => {
  await using node = await startRabbitMq();
  await using scene = new Scene(node.url);
  await using connection = await connect(node.url, {
    topology: scene.topology,
    reconnect: { baseMs: 20, maxMs: 200 },
  });
  await using publisher = createPublisher(connection, { maxInFlight });
  const ledger = new Ledger();
  const [confirmed, buried] = [new Seen<string>(), new Seen<string>()];
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    prefetch,
    concurrency: prefetch,
    handlers: [
      on(scene.Order, async ({ id }, { attempt }) => {
        await setTimeout(Number(id) % 10);
        if (fateOf(id) === "dead" || (fateOf(id) === "retried" && attempt === 1)) throw new Error("boom");
        ledger.end(id);
      }),
    ],
  });
  await using undertaker = createConsumer(connection, {
    queue: scene.dead,
    prefetch,
    handlers: [
      onAny(({ payload }) => {
        const { id } = payload as { id: string };
        // What should have been handled has no business here: the ledger takes it for a stranger.
        ledger.end(fateOf(id) === "dead" ? id : `dead letter ${id}`);
        buried.add(id);
      }),
    ],
  });
  await Promise.all([consumer.start(), undertaker.start(), setTimeout(queueAgeMs)]);

  let replayed = 0;
  const publish = async (id: string): Promise<void> => {
    ledger.attempt(id);
    const { attempts } = await publisher.publish(scene.Order, { id });
    ledger.confirm(id);
    confirmed.add(id);
    if (attempts > 1) replayed++;
  };
  const publishBatch = (from: number): Promise<unknown> =>
    Promise.all(Array.from({ length: batch }, (_, index) => publish(String(from + index))));

  const first = publishBatch(0);
  await buried.until(20);
  // Those of the first batch are on their way through the ladder and to the dead letters by now.
  const second = publishBatch(batch);
  await confirmed.until((ids) => ids.length >= batch + 100 && consumer.heldCount > 0);
  await node.kill();
  await node.start();
  await Promise.all([first, second]);
  await ledger.ended(2 * batch);

  const { duplicates, ...rest } = ledger.audit();
  expect(rest).toEqual({ lost: [], unexpected: [], recovered: [] });
  expect(replayed, "publishes in flight at the kill").toBeGreaterThan(0);
  // What was in flight, in hand, or on its way to a wait queue or the dead letters may be there twice.
  const left = await countMessages(connection, scene.queue);
  expect(duplicates + left.queue + left.retry + left.dead).toBeLessThanOrEqual(maxInFlight + 3 * prefetch);
}, 120_000);
