import { AmqpError } from "../amqp-error.ts";
import type { Channel } from "./channel.ts";

/** An empty name means the queue that was last declared on the channel. */
export function queueName(channel: Channel, name: string): string {
  if (name !== "") return name;
  if (channel.lastQueueName === undefined) throw new AmqpError(404, "no previously declared queue");
  return channel.lastQueueName;
}
