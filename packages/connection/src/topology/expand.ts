import type { ExchangeDefinition, QueueDefinition } from "./definition.ts";
import type {
  BindingDeclaration,
  Declarations,
  ExchangeDeclaration,
  QueueDeclaration,
} from "./declarations.ts";
import type { ResolvedQueue } from "./resolve-queue.ts";

export type Exchanges = Readonly<Record<string, ExchangeDefinition>>;
export type Queues = Readonly<Record<string, QueueDefinition>>;

/** As many looks at a dead letter as anybody takes; each `basic.get` and requeue counts as a delivery. */
export const deadQueueDeliveryLimit = 1_000_000;

/** The flat list of what a checked definition declares. */
export function expand(
  exchanges: Exchanges,
  queues: Queues,
  resolved: readonly ResolvedQueue[],
): Declarations {
  return {
    exchanges: Object.entries(exchanges).map(([name, definition]) => exchange(name, definition)),
    queues: inOrder(resolved),
    bindings: [
      ...Object.entries(exchanges).flatMap(([name, definition]) => bindings(name, "exchange", definition)),
      ...Object.entries(queues).flatMap(([name, definition]) => bindings(name, "queue", definition)),
    ],
  };
}

function exchange(name: string, definition: ExchangeDefinition): ExchangeDeclaration {
  const { alternateExchange } = definition;
  return {
    name,
    type: definition.type,
    durable: definition.durable ?? true,
    autoDelete: definition.autoDelete ?? false,
    internal: definition.internal ?? false,
    arguments: {
      ...(alternateExchange === undefined ? {} : { "alternate-exchange": alternateExchange }),
      ...definition.arguments,
    },
  };
}

/** A queue that dead-letters into a missing one loses or stalls what dies meanwhile, so targets come first. */
function inOrder(resolved: readonly ResolvedQueue[]): QueueDeclaration[] {
  const written = new Map(resolved.map((queue) => [queue.name, queue]));
  const declared = new Map<string, QueueDeclaration>();
  const visiting = new Set<string>();
  const visit = (queue: ResolvedQueue): void => {
    if (visiting.has(queue.name)) return;
    visiting.add(queue.name);
    const target = queue.deadLetter?.queue;
    if (target !== undefined) {
      const own = written.get(target);
      if (own !== undefined) visit(own);
      else declared.set(target, deadQueue(target));
    }
    declared.set(queue.name, workQueue(queue));
  };
  for (const queue of resolved) visit(queue);
  for (const queue of resolved)
    for (const step of queue.retrySteps)
      declared.set(step.queue, retryQueue(step.queue, step.delayMs, queue.name));
  return [...declared.values()];
}

function workQueue(queue: ResolvedQueue): QueueDeclaration {
  const { name, durable, exclusive, autoDelete } = queue;
  return { name, role: "work", durable, exclusive, autoDelete, arguments: queue.arguments };
}

/** No consumer, so no delivery limit; the time to live is the queue's, so that nothing waits behind a longer wait. */
function retryQueue(name: string, delayMs: number, back: string): QueueDeclaration {
  return generated(name, "retry", {
    "x-message-ttl": delayMs,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": back,
    "x-dead-letter-strategy": "at-least-once",
  });
}

/** Without a limit RabbitMQ 4.0 drops a dead letter at its 21st delivery, and 3.x drops it at the first with -1. */
function deadQueue(name: string): QueueDeclaration {
  return generated(name, "dead", { "x-delivery-limit": deadQueueDeliveryLimit });
}

function generated(
  name: string,
  role: "retry" | "dead",
  extra: QueueDeclaration["arguments"],
): QueueDeclaration {
  return {
    name,
    role,
    durable: true,
    exclusive: false,
    autoDelete: false,
    arguments: { "x-queue-type": "quorum", "x-overflow": "reject-publish", ...extra },
  };
}

function bindings(
  destination: string,
  destinationType: "queue" | "exchange",
  definition: ExchangeDefinition | QueueDefinition,
): BindingDeclaration[] {
  return (definition.bindings ?? []).map((binding) => ({
    source: binding.exchange,
    destination,
    destinationType,
    routingKey: binding.routingKey ?? "",
    arguments: binding.arguments ?? {},
  }));
}
