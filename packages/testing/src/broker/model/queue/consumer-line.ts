import { integerOf } from "../../codec/field-values.ts";
import type { QueueConsumer } from "./queue.ts";

/** A consumer of a queue, as the queue counts. */
export interface Member {
  readonly consumer: QueueConsumer;
  /** `x-priority`. */
  readonly priority: number;
  /** How many of the queue's deliveries it has not settled. */
  heldCount: number;
}

export function memberOf(consumer: QueueConsumer): Member {
  return { consumer, priority: integerOf(consumer.arguments.get("x-priority")) ?? 0, heldCount: 0 };
}

/** The consumers of a queue, and whose turn it is. */
export interface ConsumerLine {
  /** As RabbitMQ tells it; 0 where there are none. */
  readonly count: number;
  add(member: Member): void;
  remove(consumer: QueueConsumer): Member | undefined;
  /** Who gets the next message. */
  next(): Member | undefined;
  /** It has got what it was next for. */
  delivered(member: Member): void;
  /** Some may have room again. */
  wake(): void;
  [Symbol.iterator](): Iterator<Member>;
}
