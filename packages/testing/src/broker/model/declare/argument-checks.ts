import { AmqpError } from "../../amqp-error.ts";
import type { VersionRules } from "../../version.ts";
import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import { integerOf, textOf } from "../../codec/field-values.ts";
import { erlangType } from "../erlang-term.ts";
import { queueKinds } from "./queue-kind.ts";

/** What is wrong with an argument's value, as RabbitMQ's text ends: an Erlang term. Undefined where nothing is. */
export type ArgumentCheck = (value: FieldValue, all: FieldTable, rules: VersionRules) => string | undefined;

/** Ten years. */
const maxExpiryMs = 315_360_000_000;

const unacceptableType = (value: FieldValue): string => `{unacceptable_type,${erlangType(value.type)}}`;

/** A text in Erlang's quotes. */
const quoted = (text: string): string => JSON.stringify(text);

const integer =
  (check: (value: number) => string | undefined): ArgumentCheck =>
  (value) => {
    const number = integerOf(value);
    return number === undefined ? quoted(`expected integer, got ${erlangType(value.type)}`) : check(number);
  };

const text =
  (check: (text: string, all: FieldTable, rules: VersionRules) => string | undefined): ArgumentCheck =>
  (value, all, rules) => {
    const found = textOf(value);
    return found === undefined ? unacceptableType(value) : check(found, all, rules);
  };

const oneOf = (choices: readonly string[], otherwise: (found: string) => string): ArgumentCheck =>
  text((found) => (choices.includes(found) ? undefined : otherwise(found)));

const negative = (value: number): string | undefined => (value < 0 ? `{value_negative,${value}}` : undefined);
const zero = (value: number): string | undefined => (value === 0 ? "{value_zero,0}" : undefined);
const tooLong = (value: number): string | undefined =>
  value > maxExpiryMs ? `{value_too_large,${value}}` : undefined;

const nonNegative = integer(negative);
const positive = integer((value) => negative(value) ?? zero(value));

/** In the order in which RabbitMQ asks. */
export const argumentChecks: Readonly<Record<string, ArgumentCheck>> = {
  "x-expires": integer((value) => zero(value) ?? negative(value) ?? tooLong(value)),
  "x-message-ttl": integer((value) => negative(value) ?? tooLong(value)),
  "x-dead-letter-exchange": text(() => undefined),
  "x-dead-letter-routing-key": text((_key, all) =>
    all.has("x-dead-letter-exchange") ? undefined : "routing_key_but_no_dlx_defined",
  ),
  "x-dead-letter-strategy": oneOf(["at-most-once", "at-least-once"], () => "invalid_dlx_strategy"),
  "x-max-length": nonNegative,
  "x-max-length-bytes": nonNegative,
  "x-max-in-memory-length": nonNegative,
  "x-max-in-memory-bytes": nonNegative,
  "x-max-priority": integer(
    (value) => negative(value) ?? (value > 255 ? `{max_value_exceeded,${value}}` : undefined),
  ),
  "x-overflow": oneOf(["drop-head", "reject-publish", "reject-publish-dlx"], () => "invalid_overflow"),
  "x-queue-mode": oneOf(["default", "lazy"], (mode) => quoted(`unsupported queue mode '${mode}'`)),
  "x-queue-version": integer(
    (value) =>
      negative(value) ??
      (value === 1 || value === 2 ? undefined : quoted(`unsupported queue version '${value}'`)),
  ),
  "x-single-active-consumer": (value) => (value.type === "boolean" ? undefined : unacceptableType(value)),
  "x-quorum-initial-group-size": positive,
  "x-max-age": text(checkMaxAge),
  "x-stream-max-segment-size-bytes": nonNegative,
  "x-initial-cluster-size": positive,
  "x-queue-leader-locator": text((locator, _all, rules) =>
    rules.leaderLocators.includes(locator) ? undefined : "invalid_queue_locator_arg",
  ),
};

export const checkQueueType: ArgumentCheck = oneOf(queueKinds, (type) =>
  quoted(`unsupported queue type '${type}'`),
);

/** @throws AmqpError 541 where it does not begin with a digit: RabbitMQ's own code fails over it. */
function checkMaxAge(age: string): string | undefined {
  const [, count, unit] = /^([0-9]+)(.*)/.exec(age) ?? [];
  if (count === undefined || unit === undefined) throw new AmqpError(541, "");
  return Number(count) > 0 && /^[YMDhms]$/.test(unit) ? undefined : "invalid_max_age";
}
