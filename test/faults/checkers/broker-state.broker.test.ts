import { connect } from "@warren/connection";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { brokerState, expectBrokerState } from "./broker-state.ts";

const broker = useBroker({ broker: "real" });
const settings = { durable: true, exclusive: false, autoDelete: false, arguments: {} };

test("K8 finds a connection, a channel, a consumer and an un-acked delivery that were left behind", async () => {
  const queue = broker.name("left behind");
  const empty = { [queue]: { ready: 0, unacked: 0, consumers: 0 } };
  const leak = await connect(broker.url);
  await leak.channels.withChannel((channel) => channel.declareQueue(queue, settings));
  const delivered = new Promise<void>((resolve) => {
    leak.channels.consume({ queue, prefetch: 1, delivered: () => resolve() });
  });
  await createPublisher(leak).publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  await delivered;
  const left = await brokerState(broker.control, broker.vhost);
  expect(left.connections).toBe(2);
  expect(left.channels).toBeGreaterThanOrEqual(2);
  expect(left.queues).toEqual({ [queue]: { ready: 0, unacked: 1, consumers: 1 } });
  await expect(
    expectBrokerState(broker.control, broker.vhost, { connections: 0, queues: empty }, 300),
  ).rejects.toThrow(/connections: 2/);

  await leak.close();
  await expectBrokerState(broker.control, broker.vhost, {
    connections: 0,
    channels: 0,
    queues: { [queue]: { ready: 1, unacked: 0, consumers: 0 } },
  });
});
