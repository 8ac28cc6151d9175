import type { FieldTable } from "../../codec/field-table.ts";
import type { Message } from "../message.ts";

/** One connection, as the owner of exclusive queues. Compared by identity. */
export interface Owner {
  readonly name: string;
}

/** What `queue.declare` asks for. The name is never empty here. */
export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: FieldTable;
}

/** A message in the hands of a consumer, or of whoever got it; compared by identity. */
export interface QueueDelivery {
  readonly message: Message;
  readonly redelivered: boolean;
  /** What the queue tells about it, such as `x-stream-offset`: replaces what the message says itself. */
  readonly extraHeaders?: FieldTable;
}

/** A consumer as a queue sees it. */
export interface QueueConsumer {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly arguments: FieldTable;
  /** Prefetch of this consumer, as `basic.qos` was when it began; 0 for no limit. Streams demand one. */
  readonly prefetchCount: number;
  /** Whether its prefetch, its channel's and its socket let it have one more now. Has no effect. */
  hasRoom(): boolean;
  /**
   * Writes it to the socket, and keeps it until it is settled unless `noAck`. Called by the queue in the midst of its
   * work: it never calls back into a queue.
   */
  deliver(delivery: QueueDelivery): void;
  /** The queue is gone: `basic.cancel` for a client that understands it. */
  cancelled(): void;
}

/** How a delivery ends. Requeue by nack and by reject are told apart because versions count them differently. */
export type Settlement = "ack" | "nack-requeue" | "reject-requeue" | "discard" | "channel-closed";

/** A queue of any kind. All of it is synchronous: when a call returns, every effect of it has been handed over. */
export interface Queue {
  readonly declaration: QueueDeclaration;
  readonly kind: "classic" | "quorum" | "stream";
  /** The one connection that may use it, of an exclusive queue. */
  readonly owner: Owner | undefined;
  readonly readyCount: number;
  readonly unackedCount: number;
  readonly consumerCount: number;

  /** `rejected` where it is full and `x-overflow` says to refuse: the publisher gets a nack. */
  publish(message: Message): "accepted" | "rejected";
  /** `basic.get`; a delivery with noAck is settled at once. */
  get(noAck: boolean): QueueDelivery | undefined;
  /** @throws AmqpError 403 where it or another is exclusive, 406 and 540 for what this kind of queue cannot do. */
  consume(consumer: QueueConsumer): void;
  /** What it holds unacked stays with its channel. An auto-delete queue may go with its last consumer. */
  cancel(consumer: QueueConsumer): void;
  /**
   * Ends several deliveries of one channel at once, in the order in which they were delivered. The channel counts them as
   * settled before it calls: `hasRoom` is asked again in the midst of it.
   */
  settle(deliveries: readonly QueueDelivery[], how: Settlement): void;
  /** Some consumer has room again. */
  wake(): void;
  /** Declared once more, passively or not: puts off `x-expires`. */
  touch(): void;
  /** Removes what is ready; returns how many those were. */
  purge(): number;
  /** Ends it for its consumers too. Returns how many were ready. What is settled afterwards is ignored. */
  destroy(): number;
}

/** A message on its way from a queue to a dead-letter exchange: a new one, with its `x-death`. */
export interface DeadLetter {
  readonly exchange: string;
  /** Of the message with its CC and BCC keys, or the one of `x-dead-letter-routing-key`. */
  readonly routingKeys: readonly string[];
  readonly message: Message;
  /** Whether RabbitMQ drops it at that queue: it was there before, and nobody rejected it since. Asked once it is routed. */
  readonly closesCycle: (queueName: string) => boolean;
  /**
   * What became of it, for a queue that keeps it until its target has it (`at-least-once`). `unroutable` also for a missing
   * exchange, `refused` where one of the queues did.
   */
  readonly settled?: (outcome: "stored" | "refused" | "unroutable") => void;
}

/** What a queue needs of the virtual host around it. */
export interface QueueSurroundings {
  /** The virtual host's name, for texts. */
  readonly vhost: string;
  /**
   * Publishes a dead letter. A missing exchange drops it silently, as RabbitMQ does. It is routed after the operation in
   * hand has ended, in the order of the calls, so that a cycle of dead letters cannot run within one call.
   */
  deadLetter(letter: DeadLetter): void;
  /** The queue asks to be removed: auto-delete without consumers, `x-expires` over. Asked as the last thing it does. */
  remove(queue: Queue): void;
}
