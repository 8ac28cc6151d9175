import { AmqpError } from "../../amqp-error.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import { erlangType } from "../erlang-term.ts";
import type { Message } from "../message.ts";

/** Whether a message names routing keys besides its own. */
export function hasCarbonCopies({ properties: { headers } }: Message): boolean {
  return headers !== undefined && (headers.has("CC") || headers.has("BCC"));
}

/**
 * The routing key of a message with those of its CC and BCC headers. Items that are no text are left out.
 *
 * @throws AmqpError 406 where one of those headers is no array.
 */
export function routingKeysOf(message: Message): readonly string[] {
  const headers = message.properties.headers ?? new Map();
  return [message.routingKey, ...keysIn(headers, "CC"), ...keysIn(headers, "BCC")];
}

/** The message as its receivers get it: only the sender knows of BCC. */
export function withoutBlindCopies(message: Message): Message {
  const { headers } = message.properties;
  if (headers?.has("BCC") !== true) return message;
  const { header: _asTheyWere, ...changed } = message;
  const remaining = new Map(headers);
  remaining.delete("BCC");
  return {
    ...changed,
    blindCopies: keysIn(headers, "BCC"),
    properties: { ...message.properties, headers: remaining },
  };
}

function keysIn(headers: FieldTable, name: "CC" | "BCC"): readonly string[] {
  const keys = headers.get(name);
  if (keys === undefined) return [];
  if (keys.type !== "array") {
    const problem = `{unacceptable_type_in_header,"${name}",${erlangType(keys.type)}}`;
    throw new AmqpError(406, `invalid message: ${problem}`);
  }
  return keys.value.flatMap((key) => (key.type === "longstr" ? [key.value.toString()] : []));
}
