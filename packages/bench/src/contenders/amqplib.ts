import { randomUUID } from "node:crypto";
import { connect } from "amqplib";
import type { ConsumingContender, Contender, Handle, PublishingContender, Target } from "../contender.ts";
import { type Order, orderContentType, orderType } from "../order.ts";

/** amqplib as its documentation shows it, with `noDelay`, without which an awaited 5 kB publish takes 44 ms. */
export const amqplib: Contender = { openPublisher, openConsumer };

async function openPublisher({ url, queue }: Target): Promise<PublishingContender> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  channel.on("return", () => {
    throw new Error("a publish was returned");
  });
  return {
    publish: (order: Order) =>
      new Promise<void>((resolve, reject) => {
        channel.publish(
          "",
          queue,
          Buffer.from(JSON.stringify(order)),
          {
            persistent: true,
            mandatory: true,
            messageId: randomUUID(),
            timestamp: Math.floor(Date.now() / 1000),
            contentType: orderContentType,
            type: orderType,
          },
          (error: unknown) => {
            if (error instanceof Error) reject(error);
            else resolve();
          },
        );
      }),
    close: () => connection.close(),
  };
}

async function openConsumer({ url, queue, window }: Target, handle: Handle): Promise<ConsumingContender> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.prefetch(window);
  const { consumerTag } = await channel.consume(queue, (delivery) => {
    if (delivery !== null) void work(delivery);
  });
  async function work(delivery: Parameters<typeof channel.ack>[0]): Promise<void> {
    await handle(JSON.parse(delivery.content.toString()) as Order);
    channel.ack(delivery);
  }
  return {
    close: async () => {
      // A quorum queue drops acks that a closing channel has not passed on (up to 107 seen on 3.10.8); cancel waits for them.
      await channel.cancel(consumerTag);
      await channel.close();
      await connection.close();
    },
  };
}
