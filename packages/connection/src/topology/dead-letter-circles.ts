import type { Exchanges, Queues } from "./expand.ts";
import { queueSources } from "./queue-sources.ts";
import { feeds } from "./reachability.ts";
import type { ResolvedQueue } from "./resolve-queue.ts";

/**
 * The circles in which dead letters come back to the queue that they left, each once, from its first queue on. In doubt
 * there is one: where a dead letter keeps its routing key, any binding may take it.
 */
export function deadLetterCircles(
  resolved: readonly ResolvedQueue[],
  exchanges: Exchanges,
  queues: Queues,
): readonly (readonly string[])[] {
  const targets = new Map(
    resolved.map((queue) => [queue.name, targetsOf(queue, resolved, exchanges, queues)] as const),
  );
  return resolved.flatMap(({ name }, index) => {
    // Those that a queue before this one is part of were found from there.
    const later = new Set(resolved.slice(index).map((queue) => queue.name));
    const circle = wayBack(name, targets, later);
    return circle === undefined ? [] : [circle];
  });
}

function targetsOf(
  { deadLetter }: ResolvedQueue,
  resolved: readonly ResolvedQueue[],
  exchanges: Exchanges,
  queues: Queues,
): readonly string[] {
  if (deadLetter === undefined) return [];
  const { exchange, routingKey } = deadLetter;
  return resolved
    .map(({ name }) => name)
    .filter((name) =>
      exchange === ""
        ? name === routingKey
        : queueSources(name, exchanges, queues).some(
            (source) =>
              source.exchange === exchange && (routingKey === undefined || feeds(source, routingKey)),
          ),
    );
}

/** The shortest way from a queue to itself through these. */
function wayBack(
  name: string,
  targets: ReadonlyMap<string, readonly string[]>,
  through: ReadonlySet<string>,
): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: (readonly string[])[] = [[name]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) =>
      (targets.get(way.at(-1)!) ?? []).filter((next) => through.has(next)).map((next) => [...way, next]),
    );
    const back = longer.find((way) => way.at(-1) === name);
    if (back !== undefined) return back;
    ways = longer.filter((way) => !seen.has(way.at(-1)!));
    for (const way of ways) seen.add(way.at(-1)!);
  }
  return undefined;
}
