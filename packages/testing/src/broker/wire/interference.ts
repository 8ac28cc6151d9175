import type { ReplyCode } from "../amqp-error.ts";
import type { Message } from "../model/message.ts";
import type { QueueDelivery } from "../model/queue/queue.ts";

/**
 * What becomes of a publish: routed; nacked on a confirm channel and lost on any other (`refuse`); confirmed as if it were
 * stored (`lose`); as if no queue were bound (`unroutable`); or its channel, or connection, is closed.
 */
export type PublishFate =
  | "route"
  | "refuse"
  | "lose"
  | "unroutable"
  | { readonly replyCode: ReplyCode; readonly text: string };

/** What becomes of a confirm: sent as it is, turned into a nack, never sent, or sent so many milliseconds later. */
export type ConfirmFate = "send" | "nack" | "drop" | { readonly delayMs: number };

/** A publish as the wire has read it, before it is routed. */
export interface InterferedPublish {
  readonly connection: ConnectionControl;
  readonly channel: ChannelControl;
  readonly message: Message;
  readonly mandatory: boolean;
}

/** A delivery on its way to a consumer. */
export interface InterferedDelivery {
  readonly channel: ChannelControl;
  readonly queue: string;
  readonly consumerTag: string;
  readonly delivery: QueueDelivery;
}

/**
 * Where the broker can be told to misbehave. The wire asks at each of these points whether anything is set there; what is
 * not set costs nothing. Everything here is called synchronously, in the midst of the work, and must not throw.
 */
export interface Interference {
  /** A socket, before anything is read from it; with TLS before its handshake. */
  accepting?: (() => "accept" | "reset") | undefined;
  /** A connection before its first byte. */
  connecting?: ((connection: ConnectionControl) => void) | undefined;
  /** A login whose password is right. */
  loggingIn?: ((user: string) => "accept" | "refuse") | undefined;
  /** A connection that has just opened its virtual host. */
  opened?: ((connection: ConnectionControl) => void) | undefined;
  /** A connection that is blocked has published, and is read no more. */
  blocked?: ((connection: ConnectionControl) => void) | undefined;
  /** Before a publish is routed. */
  publishing?: ((publish: InterferedPublish) => PublishFate) | undefined;
  /** Once it is stored, or refused, on a confirm channel. */
  confirming?: ((publish: InterferedPublish, accepted: boolean) => ConfirmFate) | undefined;
  /** How often a delivery is written, each time with a delivery tag of its own; at least once. */
  delivering?: ((delivery: InterferedDelivery) => number) | undefined;
  /** Where the bytes of a turn are cut: each piece goes to the socket after the one before has left it. */
  writing?: ((connection: ConnectionControl, bytes: Buffer) => readonly Buffer[] | undefined) | undefined;
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
  /** Nothing is read and nothing written, no heartbeat either, until it is thawed. */
  freeze(frozen: boolean): void;
}

/** A channel of such a connection. */
export interface ChannelControl {
  readonly number: number;
  readonly connection: ConnectionControl;
  readonly consumerCount: number;
  /** What the client has not settled yet. */
  readonly unackedCount: number;
  /** Whether it has published, or is in confirm mode. */
  readonly publishes: boolean;
  close(replyCode: number, replyText: string): void;
  /** As if their queues had gone: those of this queue, or of all. Returns how many there were. */
  cancelConsumers(queue?: string): number;
}
