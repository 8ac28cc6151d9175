import type { Arguments } from "./definition.ts";

interface Declared {
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly arguments: Arguments;
}

/** The part of a channel that declarations need. Every method rejects with a `BrokerError`, and then the channel is closed. */
export interface DeclaringChannel {
  declareExchange(
    exchange: string,
    type: string,
    options: Declared & { readonly internal: boolean },
  ): Promise<unknown>;
  checkExchange(exchange: string): Promise<unknown>;
  declareQueue(queue: string, options: Declared & { readonly exclusive: boolean }): Promise<unknown>;
  checkQueue(queue: string): Promise<unknown>;
  bindQueue(queue: string, exchange: string, routingKey: string, args: Arguments): Promise<unknown>;
  bindExchange(destination: string, source: string, routingKey: string, args: Arguments): Promise<unknown>;
}

/** Hands out channels: since the broker closes a channel with each refusal, whoever goes on after one needs another. */
export interface DeclaringPort {
  /** Opens a channel, lets `use` have it, and closes it if it still lives. Rejects with what `use` rejects with. */
  withChannel<Result>(use: (channel: DeclaringChannel) => Promise<Result>): Promise<Result>;
}
