import { AmqpError } from "../amqp-error.ts";
import { generatedConsumerTag } from "./consumer-tags.ts";
import type { MethodArguments } from "../codec/method-table.ts";
import type { Queue, Settlement } from "../model/queue/queue.ts";
import { ChannelConsumer } from "./channel-consumer.ts";
import { headerOf, type Channel } from "./channel.ts";
import type { MethodHandlers } from "./method-handlers.ts";
import { queueName } from "./queue-names.ts";
import { consumeReplies } from "./direct-replies.ts";
import { replyQueueName } from "./reply-addresses.ts";

export const basicMethods: MethodHandlers = {
  "basic.qos": (channel, { prefetchSize, prefetchCount, global }) => {
    if (prefetchSize !== 0) throw new AmqpError(540, `prefetch_size!=0 (${prefetchSize})`);
    // Whichever of the two is set last counts.
    channel.prefetch.limit(global ? prefetchCount : 0, channel.unacked.count);
    if (!global) channel.consumerPrefetchCount = prefetchCount;
    channel.send("basic.qos-ok", {});
    channel.wakeConsumers();
  },

  "basic.consume": (channel, args) => {
    if (channel.consumers.has(args.consumerTag))
      throw new AmqpError(530, `attempt to reuse consumer tag '${args.consumerTag}'`);
    const consumerTag = args.consumerTag === "" ? generatedConsumerTag() : args.consumerTag;
    const start =
      args.queue === replyQueueName
        ? consumeReplies(channel, consumerTag, args.noAck)
        : consume(channel, consumerTag, args);
    if (!args.noWait) channel.send("basic.consume-ok", { consumerTag });
    start();
  },

  "basic.cancel": (channel, { consumerTag, noWait }) => {
    const consumer = channel.consumers.get(consumerTag);
    channel.consumers.delete(consumerTag);
    consumer?.queue.cancel(consumer);
    if (channel.replyConsumer?.tag === consumerTag) channel.closeReplies();
    if (!noWait) channel.send("basic.cancel-ok", { consumerTag });
  },

  "basic.get": (channel, args) => {
    const { vhost, owner, permissions } = channel.session;
    const name = queueName(channel, args.queue);
    permissions.check("read", "queue", name);
    const queue = vhost.queue(name, owner);
    const delivery = queue.get(args.noAck);
    if (delivery === undefined) return channel.send("basic.get-empty", {});
    const { message, redelivered } = delivery;
    const { exchange, routingKey } = message;
    const deliveryTag = channel.nextDeliveryTag();
    if (!args.noAck) channel.unacked.add({ tag: deliveryTag, queue, delivery });
    const messageCount = queue.readyCount;
    channel.send("basic.get-ok", { deliveryTag, redelivered, exchange, routingKey, messageCount });
    channel.sendContent(headerOf(delivery), message.body);
  },

  "basic.ack": (channel, { deliveryTag, multiple }) => settle(channel, deliveryTag, multiple, "ack"),
  "basic.nack": (channel, { deliveryTag, multiple, requeue }) =>
    settle(channel, deliveryTag, multiple, requeue ? "nack-requeue" : "discard"),
  "basic.reject": (channel, { deliveryTag, requeue }) =>
    settle(channel, deliveryTag, false, requeue ? "reject-requeue" : "discard"),

  "basic.recover": (channel, { requeue }) => {
    refuseWithoutRequeue(requeue);
    channel.send("basic.recover-ok", {});
    recover(channel);
  },
  "basic.recover-async": (channel, { requeue }) => {
    refuseWithoutRequeue(requeue);
    recover(channel);
  },
};

/** Returns what lets deliveries come. */
function consume(channel: Channel, tag: string, args: MethodArguments<"basic.consume">): () => void {
  const { vhost, owner, permissions } = channel.session;
  const { noAck, exclusive } = args;
  const name = queueName(channel, args.queue);
  permissions.check("read", "queue", name);
  const queue = vhost.queue(name, owner);
  if (channel.prefetch.limited && refusesChannelPrefetch(queue, channel.consumerPrefetchCount, noAck))
    throw new AmqpError(540, `queue '${name}' in vhost '${vhost.name}' does not support global qos`);
  const options = { channel, queue, tag, noAck, exclusive, arguments: args.arguments };
  const consumer = new ChannelConsumer(options);
  queue.consume(consumer);
  channel.consumers.set(tag, consumer);
  return () => consumer.start();
}

/** A stream looks first for what else it cannot do without. */
function refusesChannelPrefetch({ kind }: Queue, prefetchCount: number, noAck: boolean): boolean {
  return kind === "quorum" || (kind === "stream" && prefetchCount > 0 && !noAck);
}

function settle(channel: Channel, tag: number, multiple: boolean, how: Settlement): void {
  const deliveries = channel.unacked.take(tag, multiple);
  if (channel.transaction === undefined) channel.settle(deliveries, how);
  else channel.transaction.settle({ deliveries, how });
}

function recover(channel: Channel): void {
  channel.settle(channel.unacked.takeAll(), "nack-requeue");
}

function refuseWithoutRequeue(requeue: boolean): void {
  if (!requeue) throw new AmqpError(540, "requeue=false");
}
