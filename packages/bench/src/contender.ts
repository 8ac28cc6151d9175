import type { Order } from "./order.ts";

/** Where the work goes: a queue that the parent process declared, reached through the default exchange. */
export interface Target {
  readonly url: string;
  readonly queue: string;
  /** Publishes in flight at most, or, for a consumer, prefetch and concurrency. */
  readonly window: number;
  /** Bytes that a publisher may hold, for contenders that have such a limit. */
  readonly maxBufferBytes?: number;
}

export interface PublishingContender {
  /** Serialises the order, sends it persistent and mandatory with a fresh UUID, and resolves on the broker's confirm. */
  publish(order: Order): Promise<unknown>;
  close(): Promise<void>;
}

export interface ConsumingContender {
  /** Writes every acknowledgement it still holds, then closes. */
  close(): Promise<void>;
}

export type Handle = (order: Order) => Promise<void>;

/**
 * One way to do the work. Both openers resolve when the broker is ready to serve them; what happens until then is not
 * measured. A contender settles nothing on its own authority: the parent compares its count with the broker's.
 */
export interface Contender {
  openPublisher(target: Target): Promise<PublishingContender>;
  /** Decodes each delivery's JSON, awaits `handle` and then acknowledges, as its users would write it. */
  openConsumer(target: Target, handle: Handle): Promise<ConsumingContender>;
}
