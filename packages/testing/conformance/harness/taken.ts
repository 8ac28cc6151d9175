import { eventually } from "./eventually.ts";
import type { ConformanceBroker } from "./conformance-broker.ts";
import { marked } from "./inbox.ts";

/** Waits until so many messages are ready, takes all there are, and gives their {@link marked} bodies. */
export async function taken(broker: ConformanceBroker, queue: string, count: number): Promise<string[]> {
  await eventually(
    () => broker.depth(queue),
    (depth) => depth >= count,
  );
  return marked(await broker.messages(queue));
}
