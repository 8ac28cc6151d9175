import { jsonOf } from "../codec/json-table.ts";
import type { Message } from "../model/message.ts";
import type { InterferedDelivery, InterferedPublish } from "../wire/interference.ts";

/** A message as it passes, for the conditions of faults. */
interface SeenMessage {
  readonly vhost: string;
  readonly user: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string | undefined;
  readonly type: string | undefined;
  /** Tables and lists in it as plain objects and arrays. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A publish that the broker has just read. */
export interface SeenPublish extends SeenMessage {
  readonly mandatory: boolean;
}

/** A delivery that is about to go to a consumer. */
export interface SeenDelivery extends SeenMessage {
  readonly queue: string;
  readonly consumerTag: string;
  readonly redelivered: boolean;
}

export function seenPublish({ connection, message, mandatory }: InterferedPublish): SeenPublish {
  const { user, vhost } = connection;
  return { vhost, user, ...contents(message), mandatory };
}

export function seenDelivery({ channel, queue, consumerTag, delivery }: InterferedDelivery): SeenDelivery {
  const { user, vhost } = channel.connection;
  const { message, redelivered } = delivery;
  return { vhost, user, ...contents(message), queue, consumerTag, redelivered };
}

function contents({ exchange, routingKey, properties, body }: Message): Omit<SeenMessage, "vhost" | "user"> {
  const { messageId, type, headers } = properties;
  return { exchange, routingKey, messageId, type, headers: jsonOf(headers ?? new Map()), body };
}
