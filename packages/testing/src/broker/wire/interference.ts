import type { Message } from "../model/message.ts";
import type { QueueDelivery } from "../model/queue/queue.ts";

/** What becomes of a confirm: sent as it is, turned into a nack, never sent, or sent so many milliseconds later. */
export type ConfirmFate = "send" | "nack" | "drop" | { readonly delayMs: number };

/** A publish as the wire has read it, before it is routed. */
export interface InterferedPublish {
  readonly connection: ConnectionControl;
  readonly channel: ChannelControl;
  readonly message: Message;
  readonly mandatory: boolean;
}

/**
 * Where the broker can be told to misbehave. The wire asks at each of these points whether anything is set there; what is
 * not set costs nothing. Everything here is called synchronously, in the midst of the work, and must not throw.
 */
export interface Interference {
  /** Before a publish is routed: `refuse` nacks it on a confirm channel and loses it on any other. */
  publishing?: ((publish: InterferedPublish) => "route" | "refuse") | undefined;
  /** Before a confirm goes out; `sequence` is its delivery tag. */
  confirming?: ((channel: ChannelControl, sequence: number, accepted: boolean) => ConfirmFate) | undefined;
  /** How often a delivery is written, each time with a delivery tag of its own; at least once. */
  delivering?: ((channel: ChannelControl, delivery: QueueDelivery) => number) | undefined;
  /** Where the bytes of a turn are cut: each piece goes to the socket after the one before has left it. */
  writing?: ((connection: ConnectionControl, bytes: Buffer) => readonly Buffer[]) | undefined;
}

/** A client's connection, for those who watch it and those who break it. */
export interface ConnectionControl {
  /** `127.0.0.1:50312 -> 127.0.0.1:5672`, as RabbitMQ names it. */
  readonly name: string;
  readonly user: string;
  readonly vhost: string;
  readonly channels: Iterable<ChannelControl>;
  /** Closes it as if it had been forced: `CONNECTION_FORCED - text` for 320. */
  close(replyCode: number, replyText: string): void;
  /** Cuts it without a word. */
  destroy(): void;
  /**
   * As in an alarm: after its next publish nothing more is read from it, and a client that understands `connection.blocked`
   * is told. Without a reason it is read again.
   */
  block(reason: string | undefined): void;
}

/** A channel of such a connection. */
export interface ChannelControl {
  readonly number: number;
  readonly connection: ConnectionControl;
  readonly consumerCount: number;
  close(replyCode: number, replyText: string): void;
  /** As if their queues had gone. Returns how many there were. */
  cancelConsumers(): number;
}
