import type { ReplyCode } from "../amqp-error.ts";
import type { ClientChoice, DeliveryChoice, PublishChoice } from "./choices.ts";
import type { Fault } from "./fault.ts";
import type { Frequency } from "./frequency.ts";

/** Which publishes, and how many of them. */
export interface PublishFaultOptions extends PublishChoice, Frequency {}

export interface DelayConfirmsOptions extends PublishFaultOptions {
  /** By the broker's clock. */
  readonly delayMs: number;
}

export interface RefusePublishesOptions extends PublishFaultOptions {
  /**
   * Closes the channel, or with a code from 500 on the connection, instead of a nack: 404 as for an exchange that is gone,
   * 403 as for a right that was taken away.
   */
  readonly replyCode?: ReplyCode;
  /** After the name of the code, `NOT_FOUND - `. @default for 403 and 404 what RabbitMQ says */
  readonly text?: string;
}

export interface DuplicateDeliveriesOptions extends DeliveryChoice, Frequency {
  /** How often each comes in all. @default 2 */
  readonly deliveryCount?: number;
}

export interface SplitFramesOptions extends Omit<ClientChoice, "of">, Frequency {
  /** Every piece has so many bytes, the last one what is left. @default 1 */
  readonly pieceBytes?: number;
  /** One cut only, after so many bytes of what would have left in one go. */
  readonly atByte?: number;
}

export interface RefuseLoginsOptions extends Frequency {
  readonly user?: string;
}

export interface BlockPublishersOptions {
  /** @default "low on memory", as RabbitMQ says in a memory alarm */
  readonly reason?: string;
}

export interface CloseOptions extends ClientChoice {
  readonly replyCode: ReplyCode;
  /** After the name of the code, `CONNECTION_FORCED - `. @default "for a test" */
  readonly text?: string;
}

export interface CancelConsumersOptions extends Omit<ClientChoice, "of"> {
  readonly queue?: string;
}

export interface TimeOutConsumersOptions extends Omit<ClientChoice, "of"> {
  /** For the text only. @default 1_800_000, RabbitMQ's `consumer_timeout` */
  readonly timeoutMs?: number;
}

/**
 * Tells the broker to misbehave, as RabbitMQ itself does only in bad hours: what no proxy between client and broker can
 * make. Those that return a {@link Fault} last until it is removed; those that return a number act once, at once, and say
 * on how many.
 *
 * ```ts
 * using lost = broker.faults.dropConfirms({ every: 10, exchange: "orders" });
 * await publishOrders();
 * await lost.struckTimes(3); // three confirms never came
 * ```
 *
 * Of several faults for the same thing the one that was set first goes first; what it happens to is kept from the others.
 * Every method throws RangeError for an option that there is not, or that makes no sense.
 */
export interface Faults {
  /** The message is stored, and the publisher never hears of it: its answers to others do not cover it either. */
  dropConfirms(options?: PublishFaultOptions): Fault;
  /** The message is stored, and the publisher is told that it was refused. */
  nackConfirms(options?: PublishFaultOptions): Fault;
  /** Confirms of other publishes overtake it. */
  delayConfirms(options: DelayConfirmsOptions): Fault;
  /** The message is not stored: `basic.nack` on a channel in confirm mode, not a word on any other. */
  refusePublishes(options?: RefusePublishesOptions): Fault;
  /** As if no queue were bound: returned with 312 if it is mandatory, confirmed and lost if not. */
  unroutePublishes(options?: PublishFaultOptions): Fault;
  /** Confirmed and lost, as no broker should: for tests that must notice. */
  losePublishes(options?: PublishFaultOptions): Fault;

  /**
   * Each time with a delivery tag of its own, and with the same `redelivered`. The first of them that is settled counts for
   * the queue, if it is the first that was sent; what is said of the others changes nothing.
   */
  duplicateDeliveries(options?: DuplicateDeliveriesOptions): Fault;
  /** What the broker writes leaves in pieces, each on its own. A strike is a write that was cut. */
  splitFrames(options?: SplitFramesOptions): Fault;

  /**
   * As in a memory or disk alarm: what publishes is told `connection.blocked` and read no more, acks included, until it is
   * removed. A strike is a connection that was blocked.
   */
  blockPublishers(options?: BlockPublishersOptions): Fault;
  /**
   * Takes connections and reads nothing, says nothing, not even heartbeats, like a process that is stopped. When it is
   * removed it goes on where it was. Messages expire meanwhile. A strike is a connection that it hit.
   */
  freeze(): Fault;
  /** With 403 ACCESS_REFUSED, whatever the password. Who is connected stays so. */
  refuseLogins(options?: RefuseLoginsOptions): Fault;
  /** Taken and reset at once, without a byte. Who is connected stays so. */
  refuseConnections(options?: Frequency): Fault;

  /** What was not acked there goes back to its queues first. */
  closeChannels(options: CloseOptions): number;
  closeConnections(options: CloseOptions): number;
  /** Without a word. */
  cutConnections(options?: ClientChoice): number;
  /** As if their queues had been deleted: `basic.cancel` for clients that understand it. */
  cancelConsumers(options?: CancelConsumersOptions): number;
  /**
   * What RabbitMQ does to channels on which a delivery has not been acked for half an hour: closes with 406 every channel
   * that holds one.
   */
  timeOutConsumers(options?: TimeOutConsumersOptions): number;

  /** Removes all that were set. */
  clear(): void;
}
