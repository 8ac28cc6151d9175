import { AmqpError } from "../amqp-error.ts";
import { encodeContentHeader } from "../codec/content-header.ts";
import type { Message } from "../model/message.ts";
import type { Channel } from "./channel.ts";

/** `basic.consume` of the pseudo-queue of direct reply-to. @throws AmqpError 406 */
export function consumeReplies(channel: Channel, tag: string, noAck: boolean): () => void {
  if (!noAck) throw new AmqpError(406, "reply consumer cannot acknowledge");
  if (channel.replyConsumer !== undefined) throw new AmqpError(406, "reply consumer already set");
  const address = channel.session.broker.replyAddresses.open((reply) => {
    // RabbitMQ confirms a reply before it arrives, to a client that answers itself.
    channel.session.writer.beforeLeaving({ writeLate: () => deliverReply(channel, tag, reply) });
  });
  channel.replyConsumer = { tag, address };
  return () => undefined;
}

function deliverReply(channel: Channel, consumerTag: string, reply: Message): void {
  if (channel.replyConsumer?.tag !== consumerTag) return;
  const { exchange, routingKey, header, properties, body } = reply;
  const deliveryTag = channel.nextDeliveryTag();
  channel.send("basic.deliver", { consumerTag, deliveryTag, redelivered: false, exchange, routingKey });
  channel.sendContent(header ?? encodeContentHeader(body.length, properties), body);
}
