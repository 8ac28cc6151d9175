import type { WarrenError } from "@warren/message";
import type { WireProperties } from "./wire-properties.ts";

/** What the broker pushes to a consumer, as amqplib hands it over: nothing is copied on this path. */
export interface WireDelivery {
  readonly fields: {
    readonly consumerTag: string;
    readonly deliveryTag: number;
    readonly redelivered: boolean;
    readonly exchange: string;
    readonly routingKey: string;
  };
  readonly properties: WireProperties;
  readonly content: Buffer;
}

export interface WireReturn {
  readonly fields: {
    readonly replyCode: number;
    readonly replyText: string;
    readonly exchange: string;
    readonly routingKey: string;
  };
  readonly properties: WireProperties;
}

export interface QueueCount {
  readonly queue: string;
  readonly messageCount: number;
  readonly consumerCount: number;
}

export interface ConsumeArguments {
  readonly consumerTag?: string;
  readonly noAck?: boolean;
  readonly exclusive?: boolean;
  readonly priority?: number;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What happens on a channel without being asked for. */
export interface WireChannelEvents {
  /** Once, with the reason; nothing works any more. */
  closed(error: WarrenError): void;
  /** `basic.ack` and `basic.nack` from the broker, on a confirm channel. */
  confirmed?(deliveryTag: number, multiple: boolean, positive: boolean): void;
  /** `basic.return`, always before the confirm of the same publish. */
  returned?(message: WireReturn): void;
  /** The broker answers neither open nor close, so the channel's number stays taken until it does. */
  unanswered?(answer: Promise<unknown>): void;
}
