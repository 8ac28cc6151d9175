import { didYouMean } from "@warren/message/authoring";
import type { BuiltinExchange, ExchangeDefinition, ExchangeType } from "./definition.ts";

/** AMQP short strings, which names and routing keys are. */
const maxNameBytes = 255;

/** The exchanges that every virtual host has, and their types. */
const builtinExchanges: Readonly<Record<BuiltinExchange, ExchangeType>> = Object.freeze({
  "amq.direct": "direct",
  "amq.fanout": "fanout",
  "amq.topic": "topic",
  "amq.headers": "headers",
  "amq.match": "headers",
  "amq.rabbitmq.trace": "topic",
});

function isBuiltinExchange(name: string): name is BuiltinExchange {
  return Object.hasOwn(builtinExchanges, name);
}

/** What is wrong with the name of an exchange or queue that this topology is to declare, or nothing. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "needs a name; a queue that the broker names is declared when it is consumed";
  if (name.startsWith("amq.")) return `names that begin with "amq." are the broker's own; choose another`;
  if (Buffer.byteLength(name) > maxNameBytes)
    return `the name has ${Buffer.byteLength(name)} bytes; AMQP allows ${maxNameBytes}`;
  // RabbitMQ takes CR and LF out of names without a word, and then declares something else.
  if (/\p{Cc}/u.test(name)) return "the name holds a control character";
  return undefined;
}

/** What is wrong with a reference to an exchange, or nothing. */
export function exchangeProblem(name: string, declared: readonly string[]): string | undefined {
  if (declared.includes(name) || isBuiltinExchange(name)) return undefined;
  if (name === "")
    return "the default exchange routes to every queue by its name and cannot be bound or pointed at; leave this out";
  return `no exchange "${name}" in this topology.${didYouMean(name, [...declared, ...Object.keys(builtinExchanges)])} Add it to "exchanges"`;
}

/** The type of an exchange of this topology, or of one that every virtual host has. */
export function exchangeTypeOf(
  name: string,
  exchanges: Readonly<Record<string, ExchangeDefinition>>,
): ExchangeType | undefined {
  if (Object.hasOwn(exchanges, name)) return exchanges[name]?.type;
  return isBuiltinExchange(name) ? builtinExchanges[name] : undefined;
}
