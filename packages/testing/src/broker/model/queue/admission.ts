import { AmqpError } from "../../amqp-error.ts";
import { queueIn } from "../resource.ts";
import type { Member } from "./consumer-line.ts";
import type { QueueConsumer } from "./queue.ts";
import type { QueueSettings } from "./queue-settings.ts";

/** Where somebody wants messages. */
export interface Door {
  readonly queueName: string;
  readonly vhost: string;
  readonly settings: Pick<QueueSettings, "kind" | "singleActiveConsumer">;
}

/**
 * Classic queues with a single active consumer take no exclusive one at all; quorum queues do not look.
 *
 * @throws AmqpError 403
 */
export function checkExclusiveUse(newcomer: QueueConsumer, members: Iterable<Member>, door: Door): void {
  const { queueName, vhost, settings } = door;
  if (settings.kind === "quorum") return;
  let refused = newcomer.exclusive && settings.singleActiveConsumer;
  for (const { consumer } of members) refused ||= newcomer.exclusive || consumer.exclusive;
  if (refused) throw new AmqpError(403, `${queueIn(vhost, queueName)} in exclusive use`);
}

/** @throws AmqpError 405 where the single active consumer of a quorum queue is to have everything. */
export function checkGet({ queueName, vhost, settings }: Door): void {
  if (settings.kind !== "quorum" || !settings.singleActiveConsumer) return;
  throw new AmqpError(
    405,
    `cannot obtain access to locked ${queueIn(vhost, queueName)}. ` +
      "basic.get operations are not supported by quorum queues with single active consumer",
  );
}
