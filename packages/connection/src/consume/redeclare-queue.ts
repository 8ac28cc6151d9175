import type { WireChannel } from "../channel/wire-channel.ts";
import { declarationSteps } from "../topology/declaration-steps.ts";
import type { Declarations } from "../topology/declarations.ts";
import type { QueueRef } from "../topology/queue-ref.ts";
import type { Topology } from "../topology/topology.ts";

/**
 * Declares one queue of a topology again, with its ladder, its dead-letter queue, its bindings and every exchange:
 * what a consumer needs that finds its queue gone. What is there stays untouched.
 *
 * @throws BrokerError; the channel is closed then.
 */
export async function redeclareQueue(
  channel: WireChannel,
  topology: Topology,
  queue: QueueRef,
): Promise<void> {
  for (const step of declarationSteps(declarationsOf(topology, queue))) await step.declare(channel);
}

/** The part of a topology that a queue needs. Exchanges may be bound to each other, so that it is all of them. */
export function declarationsOf({ declarations }: Topology, queue: QueueRef): Declarations {
  const names = new Set([queue.name, ...queue.retrySteps.map((step) => step.queue)]);
  if (queue.deadLetter?.queue !== undefined) names.add(queue.deadLetter.queue);
  return {
    exchanges: declarations.exchanges,
    queues: declarations.queues.filter(({ name }) => names.has(name)),
    bindings: declarations.bindings.filter(
      ({ destination, destinationType }) => destinationType === "exchange" || names.has(destination),
    ),
  };
}
