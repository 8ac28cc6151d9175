import type { Queue, Settlement } from "../model/queue/queue.ts";
import type { ChannelConsumer } from "./channel-consumer.ts";
import type { UnackedDelivery } from "./unacked-deliveries.ts";

/**
 * Deliveries that end together in the groups in which their queues hear of it: one consumer after the other by their
 * tags, so that each is served before the next has room, before them what was fetched with `basic.get`. A channel that
 * closes gives each queue all at once.
 */
export function settlingGroups(
  deliveries: readonly UnackedDelivery[],
  how: Settlement,
): readonly (readonly UnackedDelivery[])[] {
  const groups = new Map<Queue | ChannelConsumer, UnackedDelivery[]>();
  for (const delivery of deliveries) {
    const { queue, consumer } = delivery;
    const key = how === "channel-closed" ? queue : (consumer ?? queue);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [delivery]);
    else group.push(delivery);
  }
  const inOrder = [...groups.values()];
  if (how !== "channel-closed" && inOrder.length > 1)
    inOrder.sort(([one], [other]) => compare(tagOf(one!), tagOf(other!)));
  return inOrder;
}

function tagOf({ consumer }: UnackedDelivery): string {
  return consumer?.tag ?? "";
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
