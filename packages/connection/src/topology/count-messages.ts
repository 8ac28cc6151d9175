import { ConfigError } from "@warren/message";
import { anObject, shownValue } from "@warren/message/authoring";
import type { QueueRef } from "./queue-ref.ts";

interface CountingChannel {
  checkQueue(queue: string): Promise<{ readonly messageCount: number }>;
}

/** The part of a connection that counting needs. */
export interface CountingConnection {
  readonly channels: {
    withChannel<Result>(use: (channel: CountingChannel) => Promise<Result>): Promise<Result>;
  };
}

/** How many messages are ready in a queue and in the queues that Warren declared around it. */
export interface MessageCounts {
  readonly queue: number;
  /** In all wait queues of the retry ladder. */
  readonly retry: number;
  readonly dead: number;
}

/**
 * Looks at the queue, its wait queues and its dead-letter queue. Messages that a consumer holds un-acked, and those on
 * their way between two queues, are in none of them: zero proves that nothing is left only once everything is settled.
 *
 * @throws BrokerError BROKER_NOT_FOUND; ConnectionError CHANNEL_LOST while there is no connection, CONNECTION_CLOSED;
 * ConfigError INVALID_OPTION.
 */
export async function countMessages(connection: CountingConnection, queue: QueueRef): Promise<MessageCounts> {
  if (anObject(queue) !== undefined || !Array.isArray(queue.retrySteps))
    throw new ConfigError(
      "INVALID_OPTION",
      `countMessages: queue must be one of a topology, as in topology.queues.orders, not ${shownValue(queue)}`,
    );
  return connection.channels.withChannel(async (channel) => {
    const ready = async (name: string): Promise<number> => (await channel.checkQueue(name)).messageCount;
    let retry = 0;
    for (const name of new Set(queue.retrySteps.map((step) => step.queue))) retry += await ready(name);
    const dead = queue.deadLetter?.queue;
    return { queue: await ready(queue.name), retry, dead: dead === undefined ? 0 : await ready(dead) };
  });
}
