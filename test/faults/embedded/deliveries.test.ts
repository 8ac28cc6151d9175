import { connect, type Connection } from "@warren/connection";
import { type Consumer, createConsumer, type Handler, on, onAny } from "@warren/consumer";
import { type Delivery, diagnostics, type DiagnosticsEvents } from "@warren/message";
import { createPublisher, type Publisher } from "@warren/publisher";
import { type EmbeddedBroker, startEmbeddedBroker } from "@warren/testing/broker";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readyCount, Scene } from "../../guarantees/scene.ts";
import { Gate, recorded, Seen } from "../../guarantees/seen.ts";

let broker: EmbeddedBroker;
let scene: Scene;
let connection: Connection;
let publisher: Publisher;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  scene = new Scene(broker.url);
  connection = await connect(broker.url, { topology: scene.topology, reconnect: { baseMs: 1, maxMs: 5 } });
  publisher = createPublisher(connection);
});
afterEach(async () => {
  broker.faults.clear();
  await connection.close();
  await broker.close();
});

async function consuming(handler: Handler, prefetch = 10): Promise<Consumer> {
  const consumer = createConsumer(connection, { queue: scene.queue, prefetch, handlers: [handler] });
  await consumer.start();
  return consumer;
}

const place = async (...ids: readonly string[]): Promise<void> => {
  for (const id of ids) await publisher.publish(scene.Order, { id });
};

test("a delivery that comes twice is handled twice and acked twice, and its channel stays", async () => {
  using closed = recorded<DiagnosticsEvents["channelClosed"]>(diagnostics.channelClosed);
  broker.faults.duplicateDeliveries({ every: 2, deliveryCount: 3 });
  const handled = new Seen<string>();
  const consumer = await consuming(on(scene.Order, ({ id }) => handled.add(id)));
  await place("1", "2", "3", "4");
  await handled.until(8);
  expect(handled.items).toEqual(["1", "2", "2", "2", "3", "4", "4", "4"]);
  await consumer.stop();
  expect(closed.items).toEqual([]);
  expect(await readyCount(connection, scene.queue.name)).toBe(0);
});

test("frames that are split at any byte carry the same deliveries", async () => {
  const bodies = new Seen<string>();
  const consumer = await consuming(onAny(({ body }: Delivery) => bodies.add(body.toString())));
  const expected: string[] = [];
  for (let atByte = 1; atByte <= 160; atByte += 1) {
    using _ = broker.faults.splitFrames({ atByte });
    await place(`${atByte}`);
    expected.push(JSON.stringify({ id: `${atByte}` }));
    await bodies.until(expected.length);
  }
  expect(bodies.items).toEqual(expected);
  await consumer.stop();
});

test("a consumer that the broker cancels comes back", async () => {
  const handled = new Seen<string>();
  const consumer = await consuming(on(scene.Order, ({ id }) => handled.add(id)));
  for (const id of ["1", "2", "3"]) {
    expect(broker.faults.cancelConsumers({ queue: scene.queue.name })).toBe(1);
    await place(id);
    await handled.until((all) => all.includes(id));
  }
  await consumer.stop();
  expect(handled.items).toEqual(["1", "2", "3"]);
});

const codes = [311, 313, 320, 403, 404, 405, 406, 501, 502, 503, 504, 505, 506, 530, 540, 541] as const;

test.each(codes)(
  "a channel that is closed with %i in the midst of a delivery gets it again, and nothing is lost",
  async (replyCode) => {
    using stale = recorded<DiagnosticsEvents["staleSettle"]>(diagnostics.staleSettle);
    const [begun, handled, gate] = [new Seen<Delivery>(), new Seen<string>(), new Gate()];
    const consumer = await consuming(
      on(scene.Order, async ({ id }, delivery) => {
        begun.add(delivery);
        if (!delivery.redelivered) await gate.opened;
        handled.add(id);
      }),
    );
    await place("1", "2");
    await begun.until(2);
    expect(broker.faults.closeChannels({ replyCode, of: "consumers" })).toBe(1);
    await begun.until(4);
    expect(begun.items.map(({ signal }) => signal.aborted).slice(0, 2)).toEqual([true, true]);
    gate.open();
    await stale.until(2);
    await handled.until(4);
    await consumer.stop();
    expect(await readyCount(connection, scene.queue.name)).toBe(0);
  },
);

test("a handler that the broker's consumer timeout overtakes is told, and its late ack is dropped", async () => {
  using stale = recorded<DiagnosticsEvents["staleSettle"]>(diagnostics.staleSettle);
  const begun = new Seen<Delivery>();
  const consumer = await consuming(
    on(scene.Order, async (_, delivery) => {
      begun.add(delivery);
      if (delivery.redelivered) return;
      await new Promise((resolve) => {
        delivery.signal.addEventListener("abort", resolve);
      });
    }),
  );
  await place("1");
  await begun.until(1);
  expect(broker.faults.timeOutConsumers()).toBe(1);
  await begun.until(2);
  await stale.until(1);
  await consumer.stop();
  expect(await readyCount(connection, scene.queue.name)).toBe(0);
});
