import type { Arguments } from "./definition.ts";

/** A virtual host as the management API shows it, in the words of declarations. */
export interface LiveState {
  readonly exchanges: ReadonlyMap<string, Settings>;
  readonly queues: ReadonlyMap<string, Settings>;
  readonly bindings: readonly LiveBinding[];
  /** By queue: those that RabbitMQ applies to it. */
  readonly policies: ReadonlyMap<string, LivePolicy>;
}

/** What an operator has set for a queue beside the arguments of its declaration. */
export interface LivePolicy {
  /** Empty for an operator policy alone. */
  readonly name: string;
  /** All policies that apply, merged. */
  readonly definition: Settings;
}

/** Flags and arguments, flat: one name, one value. */
export type Settings = Readonly<Record<string, unknown>>;

export interface LiveBinding {
  readonly source: string;
  readonly destination: string;
  readonly destinationType: string;
  readonly routingKey: string;
  readonly arguments: Arguments;
}
