import type { Arguments, ExchangeType } from "./definition.ts";

/** `exchange.declare`, complete. */
export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: ExchangeType;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly arguments: Arguments;
}

/** What a queue is there for: the user's own, a step of a retry ladder, or a place for dead letters. */
export type QueueRole = "work" | "retry" | "dead";

/** `queue.declare`, complete. */
export interface QueueDeclaration {
  readonly name: string;
  readonly role: QueueRole;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: Arguments;
}

/** `queue.bind` or `exchange.bind`, complete. */
export interface BindingDeclaration {
  readonly source: string;
  readonly destination: string;
  readonly destinationType: "queue" | "exchange";
  readonly routingKey: string;
  readonly arguments: Arguments;
}

/** A topology as the broker is told it, in the order in which it is told: targets come before what points at them. */
export interface Declarations {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly QueueDeclaration[];
  readonly bindings: readonly BindingDeclaration[];
}
