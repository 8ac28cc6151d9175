import type { Connection, WireDelivery } from "@warren/connection";
import { DeliveryError, type WarrenError } from "@warren/message";
import { expect, test } from "vitest";
import { type ConsumerOptions, resolveConsumerOptions } from "./consumer-options.ts";
import { delivered } from "./delivery.test-support.ts";
import { on, onBatch } from "./handling/handler.ts";
import { Session } from "./session.ts";
import { shutDown } from "./shutdown.ts";
import { Gate, orderMessage } from "./world.test-support.ts";

const order = orderMessage("orders");

interface Watched {
  readonly session: Session;
  /** What the channel was told. */
  readonly steps: readonly string[];
  readonly cancelled: Gate;
  readonly deliver: (deliveryTag: number) => void;
}

function watched(options: Omit<ConsumerOptions, "queue">): Watched {
  const steps: string[] = [];
  const cancelled = new Gate();
  let take: (wire: WireDelivery, generation: number) => void = () => undefined;
  const channel = {
    complain: (failure: WarrenError | undefined) => steps.push(failure?.code ?? "no complaint"),
    cancel() {
      cancelled.open();
      return Promise.resolve();
    },
    ack: (_generation: number, deliveryTag: number) => steps.push(`ack ${deliveryTag}`),
    nack: (_generation: number, deliveryTag: number) => steps.push(`nack ${deliveryTag}`),
    settled: () => Promise.resolve(),
    close() {
      steps.push("close");
      return Promise.resolve();
    },
  };
  const consume = (used: { readonly delivered: typeof take }): unknown => {
    take = used.delivered;
    return channel;
  };
  const connection = { channels: { consume } } as unknown as Connection;
  const session = new Session(connection, resolveConsumerOptions({ queue: "billing", ...options }), {
    up: () => undefined,
    down: () => undefined,
    failed: () => undefined,
    complains: () => undefined,
    closing: () => Promise.resolve(),
  });
  const deliver = (deliveryTag: number): void => {
    const properties = { type: "order", contentType: "application/json" };
    const body = Buffer.from('{"id":"a"}');
    take(delivered({ fields: { deliveryTag }, properties, body }).wire, 1);
  };
  return { session, steps, cancelled, deliver };
}

test("what is complained of handlers that hang is taken back before the channel is closed, and does not come again", async () => {
  const { session, steps } = watched({ handlers: [on(order, () => undefined)] });
  session.stalled(new DeliveryError("HANDLERS_STALLED", "it has begun nothing"));
  await shutDown(session, 1_000);
  expect(steps).toEqual(["HANDLERS_STALLED", "no complaint", "close"]);
});

test("what a middleware passes on to its batch after the consumer was cancelled goes back at once", async () => {
  const [begun, gate] = [new Gate(), new Gate()];
  const batches: unknown[] = [];
  const { session, steps, cancelled, deliver } = watched({
    batch: { maxSize: 1 },
    handlers: [onBatch(order, (orders) => void batches.push(orders))],
    middleware: [
      async (delivery, next) => {
        begun.open();
        await gate.opened;
        return next(delivery);
      },
    ],
  });
  deliver(1);
  await begun.opened;
  const stopped = shutDown(session, 60_000);
  await cancelled.opened;
  // The turn in which the answer is heard is over then.
  setImmediate(gate.open);
  await stopped;
  expect([steps, batches]).toEqual([["no complaint", "nack 1", "close"], []]);
});

test("what comes after the consumer was cancelled goes back at once, and is not waited for", async () => {
  const [begun, gate] = [new Gate(), new Gate()];
  const { session, steps, cancelled, deliver } = watched({
    handlers: [on(order, () => (begun.open(), gate.opened))],
  });
  deliver(1);
  await begun.opened;
  const stopped = shutDown(session, 60_000);
  await cancelled.opened;
  setImmediate(() => {
    deliver(2);
    gate.open();
  });
  await stopped;
  expect(steps).toEqual(["no complaint", "nack 2", "ack 1", "close"]);
});
