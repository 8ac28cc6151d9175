import { BrokerError } from "@warren/message";
import type { Comparison, Difference } from "./compare.ts";
import { compareExchange, compareQueue } from "./compare.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import type { Topology } from "./topology.ts";

/** An exchange or queue that the broker has with other settings. */
export interface Drift {
  readonly kind: "exchange" | "queue";
  readonly name: string;
  readonly differences: readonly Difference[];
  readonly complete: boolean;
}

/** Everything that drifted, so that one run tells it all. Creates nothing. */
export async function collectDrift(port: DeclaringPort, { declarations }: Topology): Promise<Drift[]> {
  const found: Drift[] = [];
  const note = (kind: Drift["kind"], name: string, comparison: Comparison): void => {
    if (comparison.found === "different") found.push({ kind, name, ...comparison });
  };
  for (const exchange of declarations.exchanges)
    note("exchange", exchange.name, await compareExchange(port, exchange));
  for (const queue of declarations.queues) note("queue", queue.name, await compareQueue(port, queue));
  return found;
}

/** TOPOLOGY_DRIFT with every difference, instead of the broker's text about the first. */
export function driftError(drifts: readonly Drift[], cause: BrokerError): BrokerError {
  const lines = drifts.map(({ kind, name, differences, complete }) => {
    const list = differences.map(describeDifference).join("; ");
    return `${kind} "${name}": ${list}${complete ? "" : "; there may be more"}`;
  });
  const what =
    lines.length === 1 ? lines[0]! : `${lines.length} entries differ:\n  - ${lines.join("\n  - ")}\n `;
  return new BrokerError(
    "TOPOLOGY_DRIFT",
    `the broker has other settings than the topology: ${what} (settings of what exists cannot be changed: take over the actual ones, or delete it and declare it again)`,
    {
      cause,
      context: { drifts },
      replyCode: cause.replyCode,
      replyText: cause.replyText,
      ...(cause.method === undefined ? {} : { method: cause.method }),
      scope: cause.scope,
    },
  );
}

export function describeDifference({ argument, wanted, actual }: Difference): string {
  return `${argument} wanted ${show(wanted)}, actual ${show(actual)}`;
}

function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
