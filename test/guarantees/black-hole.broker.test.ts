import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { diagnostics } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";
import { Scene } from "./scene.ts";
import { recorded } from "./seen.ts";

const broker = useBroker();
const heartbeatSeconds = 1;
const maxInFlight = 50;
const prefetch = 20;
const count = 400;

test("[N5] a black hole is noticed within three heartbeats by publisher and consumer, both work afterwards, and nothing is lost", async () => {
  await using scene = new Scene(broker.url);
  await using proxy = await startFaultProxy({ target: broker });
  using states = recorded<{ socket: string; to: string; error?: { code: string } }>(
    diagnostics.connectionState,
  );
  await using connection = await connect(proxy.url(broker.url), {
    topology: scene.topology,
    heartbeatSeconds,
    reconnect: { baseMs: 10, maxMs: 100 },
  });
  await using publisher = createPublisher(connection, { maxInFlight });
  await using another = createPublisher(connection, { maxInFlight });
  const ledger = new Ledger();
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    prefetch,
    handlers: [on(scene.Order, ({ id }) => ledger.end(id))],
  });
  await consumer.start();
  let replayed = 0;
  const publish = async (id: string, by = publisher): Promise<void> => {
    ledger.attempt(id);
    const { attempts } = await by.publish(scene.Order, { id });
    ledger.confirm(id);
    if (attempts > 1) replayed++;
  };
  const published = Array.from({ length: count }, (_, id) => publish(String(id)));
  await publish("opens a channel", another);
  await ledger.ended(50);

  // Connections that are made anew find the way.
  for (const live of proxy.connections) live.blackHole();
  // The first publisher's window is full of what may have arrived; these are swallowed.
  for (let id = 0; id < maxInFlight; id++) published.push(publish(`swallowed ${id}`, another));
  const startedAt = performance.now();
  await states.until((changes) =>
    ["publish", "consume"].every((socket) => changes.some((each) => each.socket === socket && each.error)),
  );
  expect(performance.now() - startedAt).toBeLessThan(3 * heartbeatSeconds * 1_000);
  for (const { error } of states.items.filter((each) => each.error !== undefined))
    expect(error!.code).toBe("HEARTBEAT_MISSED");

  await Promise.all(published);
  await publish("afterwards");
  await ledger.ended(count + maxInFlight + 2);
  const { duplicates, ...rest } = ledger.audit();
  expect(rest).toEqual({ lost: [], unexpected: [], recovered: [] });
  expect(replayed, "publishes that were in flight").toBeGreaterThanOrEqual(maxInFlight);
  expect(duplicates).toBeLessThanOrEqual(2 * maxInFlight + prefetch);
});
