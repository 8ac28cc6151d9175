import { HeldDelivery } from "./held-delivery.ts";
import type { QueueDelivery } from "./queue.ts";

/**
 * Deliveries of one channel in the order in which they end where they end together: one consumer after the other by their
 * tags, before them what `basic.get` fetched.
 */
export function inSettlingOrder(deliveries: readonly QueueDelivery[]): readonly QueueDelivery[] {
  const [first] = deliveries;
  if (first === undefined || deliveries.every((delivery) => tagOf(delivery) === tagOf(first)))
    return deliveries;
  return [...deliveries].sort((a, b) => compare(tagOf(a), tagOf(b)));
}

function tagOf(delivery: QueueDelivery): string {
  return delivery instanceof HeldDelivery ? (delivery.member?.consumer.tag ?? "") : "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
