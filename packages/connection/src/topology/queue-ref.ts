import type { ExchangeType, QueueType } from "./definition.ts";

/** One step of a retry ladder: publish to `queue` through the default exchange, and it comes back after `delayMs`. */
export interface RetryStep {
  readonly delayMs: number;
  readonly queue: string;
}

/** Where a consumer publishes a message that it gives up on. */
export interface DeadLetterTarget {
  /** "" is the default exchange: then `routingKey` is the queue. */
  readonly exchange: string;
  /** Nothing: the key that the message came with. */
  readonly routingKey: string | undefined;
  /** The queue, when it is known. */
  readonly queue: string | undefined;
}

/** An exchange from which messages get into a queue. */
export interface QueueSource<Exchange extends string = string> {
  readonly exchange: Exchange;
  readonly exchangeType: ExchangeType;
  /** Nothing when it gets there by way of other exchanges, so that only the broker can tell which keys do. */
  readonly routingKey: string | undefined;
}

/** A queue of a topology, as `createConsumer({ queue })` takes it. */
export interface QueueRef<Name extends string = string, Source extends string = string> {
  readonly name: Name;
  readonly type: QueueType;
  /** From the shortest wait to the longest; empty means that the first failure is dead-lettered. */
  readonly retrySteps: readonly RetryStep[];
  /** Nothing: what is given up on is dropped. */
  readonly deadLetter: DeadLetterTarget | undefined;
  readonly singleActiveConsumer: boolean;
  readonly exclusive: boolean;
  readonly sources: readonly QueueSource<Source>[];
}

/** An exchange of a topology. */
export interface ExchangeRef<Name extends string = string> {
  readonly name: Name;
  readonly type: ExchangeType;
}
