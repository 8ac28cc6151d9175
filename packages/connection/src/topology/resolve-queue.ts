import type { Arguments, QueueDefinition, QueueType } from "./definition.ts";
import type { DeadLetterTarget, RetryStep } from "./queue-ref.ts";
import { writtenArguments } from "./queue-arguments.ts";

/** The waits of a queue that says nothing about retries. */
export const defaultDelaysMs: readonly number[] = Object.freeze([1_000, 10_000, 60_000]);

/** RabbitMQ 4's own default, said aloud because 3.x has none. */
export const defaultDeliveryLimit = 20;

/** A queue with every default filled in. */
export interface ResolvedQueue {
  readonly name: string;
  readonly type: QueueType;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly singleActiveConsumer: boolean;
  readonly retrySteps: readonly RetryStep[];
  readonly deadLetter: DeadLetterTarget | undefined;
  readonly arguments: Arguments;
}

export function resolveQueue(name: string, definition: QueueDefinition): ResolvedQueue {
  const type = definition.type ?? "quorum";
  const exclusive = definition.exclusive ?? false;
  const autoDelete = definition.autoDelete ?? false;
  const lasting = !exclusive && !autoDelete;
  const deadLetter = deadLetterTarget(name, definition.deadLetter ?? lasting);
  const retry = definition.retry ?? (type === "stream" || !lasting ? false : { delaysMs: defaultDelaysMs });
  return {
    name,
    type,
    durable: definition.durable ?? !exclusive,
    exclusive,
    autoDelete,
    singleActiveConsumer: definition.singleActiveConsumer ?? false,
    retrySteps:
      retry === false
        ? []
        : retry.delaysMs.map((delayMs) => ({ delayMs, queue: retryQueueName(name, delayMs) })),
    deadLetter,
    arguments: { ...defaultArguments(type, deadLetter), ...writtenArguments(definition) },
  };
}

export function retryQueueName(queue: string, delayMs: number): string {
  return `${queue}.retry.${delayMs}`;
}

export function deadQueueName(queue: string): string {
  return `${queue}.dead`;
}

function deadLetterTarget(
  name: string,
  wanted: NonNullable<QueueDefinition["deadLetter"]>,
): DeadLetterTarget | undefined {
  if (wanted === false) return undefined;
  if (wanted === true) return { exchange: "", routingKey: deadQueueName(name), queue: deadQueueName(name) };
  if ("queue" in wanted) return { exchange: "", routingKey: wanted.queue, queue: wanted.queue };
  return { exchange: wanted.exchange, routingKey: wanted.routingKey, queue: undefined };
}

/**
 * What makes the broker's own dead-lettering safe: at-least-once only works on quorum queues, and silently becomes
 * at-most-once without `reject-publish`. https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering
 */
function defaultArguments(type: QueueType, deadLetter: DeadLetterTarget | undefined): Arguments {
  const result: Record<string, unknown> = { "x-queue-type": type };
  if (type === "quorum") result["x-delivery-limit"] = defaultDeliveryLimit;
  if (type === "stream" || deadLetter === undefined) return result;
  result["x-dead-letter-exchange"] = deadLetter.exchange;
  if (deadLetter.routingKey !== undefined) result["x-dead-letter-routing-key"] = deadLetter.routingKey;
  if (type === "quorum") {
    result["x-dead-letter-strategy"] = "at-least-once";
    result["x-overflow"] = "reject-publish";
  }
  return result;
}
