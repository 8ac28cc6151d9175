/** What a user writes. Everything here is data; {@link defineTopology} checks it and works out what to declare. */

/** RabbitMQ's own exchange types, or one of a plugin (`x-consistent-hash`), which the broker must have enabled. */
export type ExchangeType = "topic" | "direct" | "fanout" | "headers" | `x-${string}`;

export type QueueType = "quorum" | "classic" | "stream";

/** Exchanges that every virtual host has. They can be bound from and never need a definition. */
export type BuiltinExchange =
  | "amq.direct"
  | "amq.fanout"
  | "amq.topic"
  | "amq.headers"
  | "amq.match"
  | "amq.rabbitmq.trace";

/** Extra AMQP arguments, sent as they are. */
export type Arguments = Readonly<Record<string, unknown>>;

/** One binding, written at its destination: what arrives at `exchange` and matches comes here too. */
export interface BindingDefinition<Exchange extends string = string> {
  /** The source: an exchange of this topology, or one that every virtual host has. */
  readonly exchange: Exchange;
  /**
   * Topic: a pattern, `*` for one word and `#` for any number of words. Direct: the exact key. Ignored by fanout
   * and headers exchanges.
   *
   * @default ""
   */
  readonly routingKey?: string;
  /** For headers exchanges: the headers to match and `x-match` (`all`, `any`, `all-with-x`, `any-with-x`). */
  readonly arguments?: Arguments;
}

export interface ExchangeDefinition<Exchange extends string = string> {
  readonly type: ExchangeType;
  /** Survives a restart of the broker. @default true */
  readonly durable?: boolean;
  /** The broker deletes it when its last binding is removed. @default false */
  readonly autoDelete?: boolean;
  /** Takes messages from other exchanges only, never from a publisher. @default false */
  readonly internal?: boolean;
  /**
   * Where messages go that no binding matches; they then count as routed. Needs read permission on this exchange
   * and write on that one.
   */
  readonly alternateExchange?: Exchange;
  /** Exchange-to-exchange bindings with this exchange as the destination. */
  readonly bindings?: readonly BindingDefinition<Exchange>[];
  /** Whatever has no option of its own here, for example a plugin's settings. */
  readonly arguments?: Arguments;
}

/** The waits between the attempts at one message. Attempts = steps + 1. */
export interface RetryDefinition {
  /** Milliseconds, each at least 1 and none below the one before it. Each different value is one more quorum queue. */
  readonly delaysMs: readonly number[];
}

/** Dead letters go to a queue, which is added unless this topology defines it. */
export interface DeadLetterToQueue {
  /** Several queues may share one. @default `<queue>.dead` */
  readonly queue: string;
}

/** Dead letters go to an exchange, whose bindings are the user's own. */
export interface DeadLetterToExchange<Exchange extends string = string> {
  readonly exchange: Exchange;
  /** @default the routing key that the message came with */
  readonly routingKey?: string;
}

export type DeadLetterDefinition<Exchange extends string = string> =
  | boolean
  | DeadLetterToQueue
  | DeadLetterToExchange<Exchange>;

/** RabbitMQ's notation for a stream's age: a number and Y, M, D, h, m or s. */
export type MaxAge = `${number}${"Y" | "M" | "D" | "h" | "m" | "s"}`;

/**
 * A queue: durable, quorum, retried and dead-lettered unless it says otherwise. Every option is legal on RabbitMQ
 * 3.10 to 4.3 for the queue types that it names, unless it says otherwise.
 */
export interface QueueDefinition<Exchange extends string = string> {
  /**
   * Fixed at the first declaration. Quorum queues are replicated and survive a crash; streams keep what was read.
   *
   * @default "quorum"
   */
  readonly type?: QueueType;
  /**
   * Whether the queue outlives a restart of the broker. Quorum queues and streams always do. `false` goes with
   * `exclusive` only, since RabbitMQ 4.3 refuses other transient queues.
   *
   * @default true; false when exclusive
   */
  readonly durable?: boolean;
  /** Classic only. For this connection alone, and deleted with it. No retry. @default false */
  readonly exclusive?: boolean;
  /** Classic only. Deleted when its last consumer goes. No retry. @default false */
  readonly autoDelete?: boolean;
  readonly bindings?: readonly BindingDefinition<Exchange>[];
  /**
   * Quorum and classic. `false` dead-letters the first failure. Each step is a quorum queue `<queue>.retry.<ms>`.
   *
   * @default { delaysMs: [1_000, 10_000, 60_000] }; false on streams, exclusive and auto-delete queues
   */
  readonly retry?: RetryDefinition | false;
  /**
   * Where rejected, expired and too often delivered messages end. `false`: nowhere, they are dropped. From a
   * stream only the consumer dead-letters (a copy), the broker never does.
   *
   * @default true, `<queue>.dead`; false on exclusive and auto-delete queues
   */
  readonly deadLetter?: DeadLetterDefinition<Exchange>;
  /** Quorum and classic: ready messages, and now and then one more. With `retry` it delays retries, as a warning says. */
  readonly maxLength?: number;
  /** All types. Bodies only. A stream drops its oldest segments beyond it. */
  readonly maxLengthBytes?: number;
  /**
   * Quorum and classic. What a full queue does: drop its oldest message, or refuse the publish (nack).
   * `reject-publish-dlx` is for classic queues.
   *
   * @default "reject-publish" on a quorum queue with dead letters (at-least-once needs it), else the broker's "drop-head"
   */
  readonly overflow?: "drop-head" | "reject-publish" | "reject-publish-dlx";
  /** Quorum and classic, milliseconds. Older messages are dead-lettered or dropped when they reach the head. */
  readonly messageTtlMs?: number;
  /**
   * Quorum and classic, milliseconds, at least 1. After so long without a consumer, a get or a declare the queue is
   * deleted with all that is in it.
   */
  readonly expiresMs?: number;
  /**
   * Quorum only: how often a message may be returned, so n + 1 deliveries, before it is dead-lettered. The backstop
   * for handlers that kill the process. Negative values mean "drop at once" on 3.x and "no limit" on 4.x, so they
   * are refused.
   *
   * @default 20
   */
  readonly deliveryLimit?: number;
  /** Quorum and classic. One consumer at a time gets everything, another takes over when it goes. @default false */
  readonly singleActiveConsumer?: boolean;
  /**
   * Classic only, 1 to 255, best below 10: the highest message priority. Quorum queues have priorities from RabbitMQ
   * 4.0 on without being told.
   */
  readonly maxPriority?: number;
  /** Quorum and stream. Where the leader starts. @default the broker's "client-local" */
  readonly leaderLocator?: "client-local" | "balanced";
  /** Quorum only: members at the first declaration. @default the broker's `quorum_cluster_size`, 3 */
  readonly initialGroupSize?: number;
  /** Stream only: replicas at the first declaration. @default the broker's: every node, up to its limit */
  readonly initialClusterSize?: number;
  /** Stream only. Older segments are dropped, for example `"7D"`. @default for ever */
  readonly maxAge?: MaxAge;
  /** Stream only. @default the broker's 500,000,000 */
  readonly maxSegmentSizeBytes?: number;
  /** Stream only, 16 to 255: the Bloom filter of stream filtering. RabbitMQ 3.13 and later; ignored before. */
  readonly filterSizeBytes?: number;
  /** Classic only. Bodies on disk at once. RabbitMQ 3.10 and 3.11; ignored by 3.12 to 4.2, refused by 4.3. @default false */
  readonly lazy?: boolean;
  /** Classic only: the storage format. Version 2 from 3.10; the only one from 4.3. @default the broker's */
  readonly queueVersion?: 2;
  /** Whatever has no option of its own here. An argument that has one is refused, so that nothing is said twice. */
  readonly arguments?: Arguments;
}

/**
 * A policy, as data. AMQP cannot set policies, so `declare` does not apply them; it is carried for exports and for
 * whoever applies it.
 */
export interface PolicyDefinition {
  /** A regular expression over names of queues or exchanges. */
  readonly pattern: string;
  /** @default "all" */
  readonly applyTo?: "all" | "queues" | "classic_queues" | "quorum_queues" | "streams" | "exchanges";
  readonly definition: Arguments;
  /** @default 0 */
  readonly priority?: number;
}
