import { boolean, longstr } from "../../src/broker/codec/field-values.ts";
import type { FieldTable, FieldValue } from "../../src/broker/codec/field-table.ts";
import type { QueueShape } from "../sequence/command.ts";

/** The arguments of a declaration, names of exchanges and queues as `name` makes them. */
export function queueArguments(shape: QueueShape, name: (known: string) => string): FieldTable {
  const table = new Map<string, FieldValue>();
  const add = <T>(key: string, value: T | undefined, toField: (value: T) => FieldValue): void => {
    if (value !== undefined) table.set(key, toField(value));
  };
  add("x-queue-type", shape.kind, longstr);
  add("x-dead-letter-exchange", shape.deadLetterExchange, (exchange) => longstr(name(exchange)));
  add("x-dead-letter-routing-key", shape.deadLetterRoutingKey, (key) => longstr(name(key)));
  add("x-dead-letter-strategy", shape.deadLetterStrategy, longstr);
  add("x-message-ttl", shape.messageTtlMs, int32);
  add("x-max-length", shape.maxLength, int32);
  add("x-max-length-bytes", shape.maxLengthBytes, int32);
  add("x-overflow", shape.overflow, longstr);
  add("x-max-priority", shape.maxPriority, int32);
  add("x-single-active-consumer", shape.singleActiveConsumer, boolean);
  add("x-delivery-limit", shape.deliveryLimit, int32);
  add("x-expires", shape.expiresMs, int32);
  return table;
}

export function int32(value: number): FieldValue {
  return { type: "int32", value };
}
