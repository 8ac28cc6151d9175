import type { FieldTable, FieldValue } from "../../codec/field-table.ts";

/** How a version compares the values of a headers exchange. */
export interface Comparison {
  /** Whether 5 and 5.0 are the same, as Erlang's `==` has it, or not, as its `=:=`. */
  readonly mixesNumbers: boolean;
}

/**
 * A text that is equal for values which RabbitMQ takes to be equal. The type on the wire does not count: an int8 and an
 * int64 can be equal, a longstr and bytes, and even a timestamp and an integer. Within arrays and tables it counts.
 */
export function comparable(value: FieldValue, comparison: Comparison): string {
  switch (value.type) {
    case "boolean":
      return `boolean:${value.value}`;
    case "float":
    case "double":
      return comparableNumber(value.value, comparison);
    case "decimal":
      return `decimal:${value.places}:${value.value}`;
    case "longstr":
    case "bytes":
      return `bytes:${value.value.toString("latin1")}`;
    case "array":
      return list(value.value.map((item) => [item.type, comparable(item, comparison)]));
    case "table":
      return list(fields(value.value, comparison));
    case "void":
      return "void";
    default:
      return `integer:${value.value}`;
  }
}

/** A text that is equal for tables with the same keys, types and values in whatever order. */
export function tableIdentity(table: FieldTable): string {
  if (table.size === 0) return "";
  const sorted = new Map([...table].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return list(fields(sorted, { mixesNumbers: false }));
}

function comparableNumber(value: number, { mixesNumbers }: Comparison): string {
  if (mixesNumbers && Number.isInteger(value)) return `integer:${BigInt(value)}`;
  return `float:${Object.is(value, -0) ? "-0" : value}`;
}

function fields(table: FieldTable, comparison: Comparison): string[][] {
  return Array.from(table, ([key, value]) => [key, value.type, comparable(value, comparison)]);
}

/** An array and a table without anything in them are the same empty list to Erlang. */
function list(items: readonly unknown[]): string {
  return `list:${JSON.stringify(items)}`;
}
