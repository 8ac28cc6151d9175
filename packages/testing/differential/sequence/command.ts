/** Names that a sequence plays with. Few, so that commands meet. */
export const queueNames = ["q0", "q1", "q2", "q3"] as const;
export const exchangeNames = ["x0", "x1", "x2"] as const;
/** `a` is a channel of one connection, `b` of another one. */
export const channelNames = ["a", "b"] as const;
export const consumerNames = ["c0", "c1", "c2"] as const;

export type ChannelName = (typeof channelNames)[number];

/** What a declaration of a queue says; what is left out stays at the broker's default. */
export interface QueueShape {
  readonly kind?: "quorum";
  readonly transient?: true;
  readonly exclusive?: true;
  readonly autoDelete?: true;
  readonly deadLetterExchange?: string;
  readonly deadLetterRoutingKey?: string;
  readonly deadLetterStrategy?: "at-least-once";
  readonly messageTtlMs?: number;
  readonly maxLength?: number;
  readonly maxLengthBytes?: number;
  readonly overflow?: "drop-head" | "reject-publish" | "reject-publish-dlx";
  readonly maxPriority?: number;
  readonly singleActiveConsumer?: true;
  readonly deliveryLimit?: number;
  readonly expiresMs?: number;
}

/** One step of a sequence: plain data, so that a failure can be kept and replayed. */
export type Command =
  | ({ readonly do: "declare queue"; readonly on: ChannelName; readonly queue: string } & QueueShape)
  | { readonly do: "check queue"; readonly on: ChannelName; readonly queue: string }
  | {
      readonly do: "delete queue";
      readonly on: ChannelName;
      readonly queue: string;
      readonly ifUnused?: true;
      readonly ifEmpty?: true;
    }
  | { readonly do: "purge"; readonly on: ChannelName; readonly queue: string }
  | {
      readonly do: "declare exchange";
      readonly on: ChannelName;
      readonly exchange: string;
      readonly type: "direct" | "fanout" | "topic" | "headers";
      readonly autoDelete?: true;
      readonly internal?: true;
      readonly alternateExchange?: string;
    }
  | {
      readonly do: "delete exchange";
      readonly on: ChannelName;
      readonly exchange: string;
      readonly ifUnused?: true;
    }
  | {
      readonly do: "bind" | "unbind";
      readonly on: ChannelName;
      /** A queue or an exchange. */
      readonly target: string;
      readonly exchange: string;
      readonly key: string;
      readonly match?: "any" | "all";
    }
  | {
      readonly do: "publish";
      readonly on: ChannelName;
      readonly exchange: string;
      readonly key: string;
      readonly mandatory?: true;
      readonly persistent?: true;
      readonly expirationMs?: number;
      readonly priority?: number;
      /** The value of the header `h`, which the bindings of headers exchanges ask for. */
      readonly header?: string;
      readonly copyTo?: string;
      readonly blindCopyTo?: string;
      /** Of the body. */
      readonly bytes?: number;
    }
  | { readonly do: "get"; readonly on: ChannelName; readonly queue: string; readonly noAck?: true }
  | {
      readonly do: "consume";
      readonly on: ChannelName;
      readonly consumer: string;
      readonly queue: string;
      /** Set right before, for this consumer and those after it. */
      readonly prefetch?: number;
      readonly noAck?: true;
      readonly exclusive?: true;
      readonly priority?: number;
    }
  | { readonly do: "cancel"; readonly on: ChannelName; readonly consumer: string }
  /** Prefetch of the whole channel. */
  | { readonly do: "limit channel"; readonly on: ChannelName; readonly prefetch: number }
  | {
      readonly do: "ack" | "nack" | "reject";
      readonly on: ChannelName;
      /** Which of the deliveries that the channel holds, counted around. */
      readonly place: number;
      readonly multiple?: true;
      readonly requeue?: true;
    }
  /** With a delivery tag that there is not. */
  | { readonly do: "ack nothing"; readonly on: ChannelName }
  | { readonly do: "recover"; readonly on: ChannelName }
  /** And open it again. */
  | { readonly do: "close channel"; readonly on: ChannelName };
