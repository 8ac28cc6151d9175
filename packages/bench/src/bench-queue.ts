import { randomUUID } from "node:crypto";
import type { ChannelModel, GetMessage } from "amqplib";
import { amqplib } from "./contenders/amqplib.ts";
import { type Order, orderContentType, orderIndex, orderMaker, orderType } from "./order.ts";
import { publishTask } from "./tasks/publish-task.ts";

/** A queue that nobody uses for so long deletes itself: what is left when the bench is killed. */
const expiresMs = 900_000;

/** A queue with a name of its own for one task; the parent declares, fills, inspects and deletes it. */
export class BenchQueue {
  readonly name = `warren.bench.${randomUUID()}`;
  readonly #connection: ChannelModel;

  constructor(connection: ChannelModel) {
    this.#connection = connection;
  }

  async declare(queueType: "classic" | "quorum"): Promise<void> {
    await this.#onChannel((channel) =>
      channel.assertQueue(this.name, {
        durable: true,
        arguments: { "x-queue-type": queueType, "x-expires": expiresMs },
      }),
    );
  }

  /** Publishes `count` orders, confirmed, so that a consumer finds them waiting. */
  async fill(url: string, count: number, bodyBytes: number, seed: number): Promise<void> {
    const window = 500;
    const common = { name: "fill", title: "fill", queueType: "classic", bodyBytes, window } as const;
    const scenario = { ...common, kind: "publish", messages: count, warmUp: 0 } as const;
    await publishTask({ scenario, contender: "amqplib", url, queue: this.name, seed }, scenario, amqplib);
  }

  /** Why the oldest message is not what every contender must send; undefined when it is. */
  async problemOfFirst(bodyBytes: number, seed: number): Promise<string | undefined> {
    return this.#onChannel(async (channel) => {
      const first = await channel.get(this.name, { noAck: true });
      return first === false ? "the queue is empty" : problemOf(first, bodyBytes, seed);
    });
  }

  /** Deletes it and tells how many messages were left: the broker's own count of what was confirmed or not acked. */
  async delete(): Promise<number> {
    const { messageCount } = await this.#onChannel((channel) => channel.deleteQueue(this.name));
    return messageCount;
  }

  async #onChannel<T>(
    use: (channel: Awaited<ReturnType<ChannelModel["createChannel"]>>) => Promise<T>,
  ): Promise<T> {
    const channel = await this.#connection.createChannel();
    try {
      return await use(channel);
    } finally {
      await channel.close();
    }
  }
}

const uuid = /^[\da-f]{8}-[\da-f]{4}-[47][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

export function problemOf(
  { content, properties }: Pick<GetMessage, "content" | "properties">,
  bodyBytes: number,
  seed: number,
): string | undefined {
  const order = JSON.parse(content.toString()) as Order;
  const wanted = orderMaker(bodyBytes, seed)(orderIndex(order));
  const messageId: unknown = properties.messageId;
  if (content.length !== bodyBytes) return `its body has ${content.length} bytes, not ${bodyBytes}`;
  if (JSON.stringify(order) !== JSON.stringify(wanted)) return "its body is another object";
  if (properties.deliveryMode !== 2) return "it is not persistent";
  if (properties.contentType !== orderContentType)
    return `its content type is ${String(properties.contentType)}`;
  if (properties.type !== orderType) return `its type is ${String(properties.type)}`;
  if (typeof messageId !== "string" || !uuid.test(messageId)) return "its message id is no UUID";
  if (typeof properties.timestamp !== "number") return "it has no timestamp";
  return undefined;
}
