import { AmqpError } from "../../amqp-error.ts";
import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import { textOf } from "../../codec/field-values.ts";
import type { VersionRules } from "../../version.ts";
import { erlangTerm, erlangType } from "../erlang-term.ts";
import type { ExchangeDeclaration } from "../exchange/exchange-declaration.ts";
import type { QueueDeclaration } from "../queue/queue.ts";
import { exchangeIn, queueIn } from "../resource.ts";
import { comparable } from "../routing/comparable-value.ts";
import { legalArguments } from "./legal-arguments.ts";
import { queueKindOf } from "./queue-kind.ts";

/** @throws AmqpError 406 for the first thing in which a second declaration of an exchange differs. */
export function checkSameExchange(
  current: ExchangeDeclaration,
  received: ExchangeDeclaration,
  vhost: string,
): void {
  const exchange = exchangeIn(vhost, current.name);
  checkProperty(exchange, "type", received.type, current.type);
  checkProperty(exchange, "durable", received.durable, current.durable);
  checkProperty(exchange, "auto_delete", received.autoDelete, current.autoDelete);
  checkProperty(exchange, "internal", received.internal, current.internal);
  checkArguments(exchange, ["alternate-exchange"], received.arguments, current.arguments);
}

/**
 * Whose the queue is has been asked before.
 *
 * @throws AmqpError 406 for the first thing in which a second declaration of a queue differs.
 */
export function checkSameQueue(
  current: QueueDeclaration,
  received: QueueDeclaration,
  vhost: string,
  rules: VersionRules,
): void {
  const queue = queueIn(vhost, current.name);
  checkProperty(queue, "durable", received.durable, current.durable);
  checkProperty(queue, "auto_delete", received.autoDelete, current.autoDelete);
  const compared = legalArguments(queueKindOf(current.arguments) ?? "classic", rules);
  checkArguments(queue, compared, received.arguments, current.arguments);
}

function checkProperty(
  resource: string,
  property: string,
  received: string | boolean,
  current: string | boolean,
): void {
  if (received !== current) refuse(resource, property, `'${received}'`, `'${current}'`);
}

function checkArguments(
  resource: string,
  compared: readonly string[],
  receivedTable: FieldTable,
  currentTable: FieldTable,
): void {
  for (const argument of compared) {
    const received = receivedTable.get(argument);
    const current = currentTable.get(argument);
    if (sameValue(received, current)) continue;
    if (argument === "x-queue-type" && meansClassic(received) && meansClassic(current)) continue;
    const inFull = received === undefined || current === undefined;
    refuse(resource, argument, shown(received, inFull), shown(current, inFull));
  }
}

function sameValue(one: FieldValue | undefined, other: FieldValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const exactly = { mixesNumbers: false };
  return comparable(one, exactly) === comparable(other, exactly);
}

function meansClassic(type: FieldValue | undefined): boolean {
  return type === undefined || textOf(type) === "classic";
}

/** With its type where the other side has nothing to compare it with. */
function shown(value: FieldValue | undefined, inFull: boolean): string {
  if (value === undefined || (value.type === "void" && !inFull)) return "none";
  const isText = value.type === "longstr" || value.type === "bytes";
  const content = isText ? value.value.toString() : erlangTerm(value);
  return inFull ? `the value '${content}' of type '${erlangType(value.type)}'` : `'${content}'`;
}

function refuse(resource: string, what: string, received: string, current: string): never {
  throw new AmqpError(
    406,
    `inequivalent arg '${what}' for ${resource}: received ${received} but current is ${current}`,
  );
}
