import type { Difference } from "./compare.ts";
import type { TopologyWarning } from "./topology.ts";

/** What `declare` would meet for one exchange, queue or binding. */
export type PlanEntry = PlanSubject & PlanFinding;

export interface PlanSubject {
  readonly kind: "exchange" | "queue" | "binding";
  readonly name: string;
}

export type PlanFinding =
  | { readonly action: "create" }
  | { readonly action: "unchanged" }
  /** `declare` would be refused: settings of what exists cannot be changed. `complete` is false when there may be more. */
  | { readonly action: "changed"; readonly differences: readonly Difference[]; readonly complete: boolean }
  /** The broker has it, the topology does not. It is never removed. */
  | { readonly action: "extra"; readonly reason: string }
  | { readonly action: "unknown"; readonly reason: string };

/** A topology held against a live broker. */
export interface Plan {
  /** Where the answers come from. */
  readonly source: "amqp" | "management";
  readonly entries: readonly PlanEntry[];
  readonly warnings: readonly TopologyWarning[];
  /** What could not be found out this way. */
  readonly notes: readonly string[];
  readonly quorumQueueCount: number;
}
