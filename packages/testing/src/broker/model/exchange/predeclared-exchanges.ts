import type { ExchangeDeclaration } from "./exchange-declaration.ts";

const predeclared = (name: string, type: string, internal = false): ExchangeDeclaration => ({
  name,
  type,
  durable: true,
  autoDelete: false,
  internal,
  arguments: new Map(),
});

/** What every virtual host has from the beginning, the default exchange first. */
export const predeclaredExchanges: readonly ExchangeDeclaration[] = [
  predeclared("", "direct"),
  predeclared("amq.direct", "direct"),
  predeclared("amq.fanout", "fanout"),
  predeclared("amq.headers", "headers"),
  predeclared("amq.match", "headers"),
  predeclared("amq.rabbitmq.trace", "topic", true),
  predeclared("amq.topic", "topic"),
];
