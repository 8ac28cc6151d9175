import type { FieldTable } from "../../codec/field-table.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { Queue } from "../queue/queue.ts";

/** Finds an alternate exchange. A name of one that there is not leads nowhere. */
export type FindExchange = (name: string) => Exchange | undefined;

/**
 * The queues that a message reaches from an exchange, each once, through other exchanges and alternate ones. An exchange
 * that comes up a second time is not followed again.
 */
export function route(
  exchange: Exchange,
  routingKeys: readonly string[],
  headers: FieldTable | undefined,
  find: FindExchange,
): Iterable<Queue> {
  const [onlyKey] = routingKeys;
  if (routingKeys.length === 1 && onlyKey !== undefined) {
    const destinations = exchange.route(onlyKey, headers);
    if (destinations.length > 0 && exchange.leadsToQueuesOnly(destinations)) return destinations;
  }

  const queues = new Set<Queue>();
  const exchanges = new Set([exchange]);
  for (const current of exchanges) {
    let passed = false;
    for (const routingKey of routingKeys) {
      for (const destination of current.route(routingKey, headers)) {
        passed = true;
        if (destination instanceof Exchange) exchanges.add(destination);
        else queues.add(destination);
      }
    }
    const { alternateName } = current;
    // RabbitMQ looks among the bindings of an alternate exchange, and the default exchange has none there.
    if (passed || alternateName === undefined || alternateName === "") continue;
    const alternate = find(alternateName);
    if (alternate !== undefined) exchanges.add(alternate);
  }
  return queues;
}
