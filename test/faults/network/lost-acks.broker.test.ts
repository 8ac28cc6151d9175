import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { readyCount, Scene } from "../../guarantees/scene.ts";
import { Seen } from "../../guarantees/seen.ts";
import { TotalQueue } from "../checkers/total-queue.ts";
import { WireRules } from "../checkers/wire-rules.ts";

const broker = useBroker();
const count = 40;
const prefetch = 10;

test("[N7] what was handled while its acks were lost comes again, marked as redelivered, and no more than the prefetch", async () => {
  await using scene = new Scene(broker.url);
  await using proxy = await startFaultProxy({ target: broker });
  const rules = new WireRules();
  using _tap = proxy.frames(rules.frame);
  await using direct = await connect(broker.url, { topology: scene.topology });
  await using connection = await connect(proxy.url(broker.url), {
    heartbeatSeconds: 1,
    reconnect: { baseMs: 10, maxMs: 50 },
  });
  const [ledger, seen, unmarked] = [new TotalQueue(), new Seen<string>(), new Seen<string>()];
  const publisher = createPublisher(direct);
  for (let id = 0; id < count; id++) {
    ledger.attempt(`${id}`);
    await publisher.publish(scene.Order, { id: `${id}` });
    ledger.confirm(`${id}`);
  }
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    prefetch,
    handlers: [
      on(scene.Order, ({ id }, { redelivered }) => {
        if (seen.items.includes(id) && !redelivered) unmarked.add(id);
        seen.add(id);
        ledger.end(id);
        // The broker finds out by itself: it hears no heartbeats any more, while the client hears its own.
        if (seen.items.length === 5) proxy.connections[0]!.blackHole("toServer");
      }),
    ],
  });
  await consumer.start();
  await ledger.ended(count);
  await consumer.idle();
  await consumer.stop();
  expect(await readyCount(direct, scene.queue.name)).toBe(0);
  ledger.drained();
  expect(ledger.problems()).toEqual([]);
  expect(ledger.audit().duplicates).toBeGreaterThan(0);
  expect(ledger.audit().duplicates).toBeLessThanOrEqual(prefetch);
  expect(unmarked.items).toEqual([]);
  expect(rules.problems()).toEqual([]);
});
