import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { type AnyMessage, defineMessage } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import type { ConsumingContender, Contender, Handle, PublishingContender, Target } from "../contender.ts";
import { type Order, orderType } from "../order.ts";

type OrderSchema = AnyMessage["schema"];

/** Warren with its defaults, but no schema to check: what amqplib and the raw socket do not do either. */
export const warren: Contender = contender(trustingSchema(), false);

/** Warren as a contender, with one schema for its orders. */
export function contender(schema: OrderSchema, validate: boolean): Contender {
  const orderPlaced = (queue: string) =>
    defineMessage({ type: orderType, exchange: "", routingKey: queue, schema });

  async function openPublisher({ url, queue, maxBufferBytes }: Target): Promise<PublishingContender> {
    const connection = await connect(url);
    const limits = maxBufferBytes === undefined ? {} : { maxBufferBytes };
    const publisher = createPublisher(connection, { validate, ...limits });
    const message = orderPlaced(queue);
    return {
      publish: (order) => publisher.publish(message, order),
      close: async () => {
        await publisher.close();
        await connection.close();
      },
    };
  }

  async function openConsumer({ url, queue, window }: Target, handle: Handle): Promise<ConsumingContender> {
    const connection = await connect(url);
    const consumer = createConsumer(connection, {
      queue,
      handlers: [on(orderPlaced(queue), (order: Order) => handle(order))],
      concurrency: window,
      prefetch: window,
    });
    await consumer.start();
    return {
      close: async () => {
        await consumer.stop();
        await connection.close();
      },
    };
  }

  return { openPublisher, openConsumer };
}

/** Takes every value as it is. */
function trustingSchema(): OrderSchema {
  return { "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) } };
}
