import { defineTopology, type QueueRef, type Topology } from "@warren/connection";
import { defineMessage } from "@warren/message";
import { z } from "zod";
import type { SoakBroker } from "./soak-options.ts";

/** What each of the client processes may have un-settled: publishes, and deliveries of each queue. */
export const publishWindow = 500;
export const prefetch = 200;
export const concurrency = 50;

/** Two processes of each role; the first is never killed, so that leaks have the whole run to show. */
export const processesPerRole = 2;

export const Tick = defineMessage({
  type: "soak.tick",
  exchange: "soak",
  routingKey: "soak.{queue}",
  schema: z.object({ number: z.number().int(), queue: z.string(), padding: z.string() }),
});

const types = ["quorum", "classic"] as const;

/** A classic queue is on one node only, so a cluster has none. */
export function queueNames(broker: SoakBroker): readonly string[] {
  return types
    .filter((type) => type === "quorum" || !broker.startsWith("cluster"))
    .map((type) => `soak-${type}`);
}

export function soakTopology(broker: SoakBroker): Topology {
  const queues = queueNames(broker).map((name) => [
    name,
    {
      type: name === "soak-classic" ? ("classic" as const) : ("quorum" as const),
      // The broker's own limit counts every loss of a connection; Warren's ladder is what is to be seen here.
      ...(name === "soak-classic" ? {} : { deliveryLimit: 1_000 }),
      bindings: [{ exchange: "soak", routingKey: `soak.${name}` }],
      retry: { delaysMs: [200, 500] },
    },
  ]);
  return defineTopology({
    exchanges: { soak: { type: "topic" } },
    queues: Object.fromEntries(queues) as Record<string, never>,
  });
}

export function queuesOf(topology: Topology): readonly QueueRef[] {
  return Object.values(topology.queues) as readonly QueueRef[];
}
