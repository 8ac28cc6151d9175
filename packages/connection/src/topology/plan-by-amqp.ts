import { compareExchange, compareQueue, type Comparison } from "./compare.ts";
import { describeBinding } from "./declaration-steps.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import type { Plan, PlanEntry, PlanFinding } from "./plan.ts";
import type { Topology } from "./topology.ts";

/** What AMQP alone can tell. */
export async function planByAmqp(
  port: DeclaringPort,
  { declarations }: Topology,
): Promise<Pick<Plan, "source" | "entries" | "notes">> {
  const entries: PlanEntry[] = [];
  for (const exchange of declarations.exchanges)
    entries.push({
      kind: "exchange",
      name: exchange.name,
      ...findingOf(await compareExchange(port, exchange)),
    });
  for (const queue of declarations.queues)
    entries.push({ kind: "queue", name: queue.name, ...findingOf(await compareQueue(port, queue)) });

  const absent = new Set(
    entries.filter(({ action }) => action === "create").map(({ kind, name }) => `${kind} ${name}`),
  );
  for (const binding of declarations.bindings) {
    const { source, destination, destinationType } = binding;
    const needed = absent.has(`exchange ${source}`) || absent.has(`${destinationType} ${destination}`);
    const finding: PlanFinding = needed
      ? { action: "create" }
      : { action: "unknown", reason: "AMQP cannot look at bindings" };
    entries.push({ kind: "binding", name: describeBinding(binding), ...finding });
  }
  return {
    source: "amqp",
    entries,
    notes: [
      "AMQP tells nothing about bindings and extra entries; give the URL of the management API to compare those too",
    ],
  };
}

function findingOf(comparison: Comparison): PlanFinding {
  switch (comparison.found) {
    case "missing":
      return { action: "create" };
    case "same":
      return { action: "unchanged" };
    case "different":
      return { action: "changed", differences: comparison.differences, complete: comparison.complete };
    case "unknown":
      return { action: "unknown", reason: comparison.error.replyText };
  }
}
