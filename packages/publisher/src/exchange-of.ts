import type { Topology } from "@warren/connection";
import type { Message, Publishing } from "@warren/message";

/**
 * Where a publisher may send: the exchanges of its connection's topology, the default exchange and the broker's own.
 * A connection without a topology allows any text.
 */
export type ExchangeOf<T extends Topology> = Extract<keyof T["exchanges"], string> | "" | `amq.${string}`;

/** A message whose exchange is one of these. */
// oxlint-disable-next-line typescript/no-explicit-any -- `any` is what lets every payload type be assigned.
export type MessageTo<Exchange extends string> = Message<string, any, any, Exchange>;

/** An untyped publishing to one of these exchanges. */
export type PublishingTo<Exchange extends string> = Publishing & { readonly exchange: Exchange };
