import type { PolicyDefinition } from "./definition.ts";
import type { Declarations } from "./declarations.ts";
import type { ExchangeRef, QueueRef } from "./queue-ref.ts";

/** Something that is legal and will surprise. `path` is the entry, as in `queues.billing`. */
export interface TopologyWarning {
  readonly path: string;
  readonly text: string;
}

/** A checked topology: what to refer to, what to declare, and what to know about it. Plain frozen data. */
export interface Topology<
  Exchange extends string = string,
  Queues extends Readonly<Record<string, QueueRef>> = Readonly<Record<string, QueueRef>>,
> {
  readonly exchanges: { readonly [Name in Exchange]: ExchangeRef<Name> };
  readonly queues: Queues;
  readonly policies: Readonly<Record<string, PolicyDefinition>>;
  readonly declarations: Declarations;
  readonly warnings: readonly TopologyWarning[];
}
