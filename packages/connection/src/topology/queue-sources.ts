import type { Exchanges, Queues } from "./expand.ts";
import { exchangeTypeOf } from "./names.ts";
import type { QueueSource } from "./queue-ref.ts";

/**
 * Every exchange from which a message can get into a queue. Direct bindings keep their key; an exchange that gets
 * there by way of others (a binding between exchanges, an alternate exchange, another queue's dead letters)
 * has none, for what passes then is the broker's business.
 */
export function queueSources(queue: string, exchanges: Exchanges, queues: Queues): readonly QueueSource[] {
  const bindings = queues[queue]?.bindings ?? [];
  const direct = bindings.map(({ exchange, routingKey }) => ({
    exchange,
    exchangeType: exchangeTypeOf(exchange, exchanges) ?? "topic",
    routingKey: routingKey ?? "",
  }));
  const indirect = [
    ...upstream(
      direct.map((source) => source.exchange),
      exchanges,
      queues,
    ),
  ].map((exchange) => ({
    exchange,
    exchangeType: exchangeTypeOf(exchange, exchanges) ?? "topic",
    routingKey: undefined,
  }));
  return [...direct, ...indirect];
}

/** The exchanges that feed any of `targets`, however far up. */
function upstream(targets: readonly string[], exchanges: Exchanges, queues: Queues): Set<string> {
  const feeders = feedersOf(exchanges, queues);
  const found = new Set<string>();
  const open = [...targets];
  for (let target = open.pop(); target !== undefined; target = open.pop()) {
    for (const feeder of feeders.get(target) ?? []) {
      if (found.has(feeder)) continue;
      found.add(feeder);
      open.push(feeder);
    }
  }
  return found;
}

/** Exchange → the exchanges whose messages can go on to it. */
function feedersOf(exchanges: Exchanges, queues: Queues): Map<string, string[]> {
  const feeders = new Map<string, string[]>();
  const feed = (target: string, from: string): void =>
    void feeders.set(target, [...(feeders.get(target) ?? []), from]);
  for (const [name, { bindings = [], alternateExchange }] of Object.entries(exchanges)) {
    for (const { exchange } of bindings) feed(name, exchange);
    if (alternateExchange !== undefined) feed(alternateExchange, name);
  }
  for (const { bindings = [], deadLetter } of Object.values(queues)) {
    if (typeof deadLetter !== "object" || !("exchange" in deadLetter)) continue;
    for (const { exchange } of bindings) feed(deadLetter.exchange, exchange);
    feed(deadLetter.exchange, "");
  }
  return feeders;
}
