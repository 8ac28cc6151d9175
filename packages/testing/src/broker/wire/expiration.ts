import { AmqpError } from "../amqp-error.ts";

/** Ten years of 365 days. */
const longestMs = 315_360_000_000;

/** Refuses an `expiration` that RabbitMQ cannot read as milliseconds. @throws AmqpError 406 */
export function checkExpiration(expiration: string): void {
  const problem = problemOf(expiration);
  if (problem !== undefined) throw new AmqpError(406, `invalid expiration '${expiration}': ${problem}`);
}

function problemOf(expiration: string): string | undefined {
  const digits = /^[+-]?\d+/.exec(expiration)?.[0];
  if (digits === undefined) return "no_integer";
  const rest = expiration.slice(digits.length);
  if (rest !== "") return `{leftover_string,${JSON.stringify(rest)}}`;
  const value = BigInt(digits.replace("+", ""));
  if (value < 0n) return `{value_negative,${value}}`;
  return value > longestMs ? `{value_too_large,${value}}` : undefined;
}
