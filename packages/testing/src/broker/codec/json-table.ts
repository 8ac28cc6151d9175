import type { FieldTable, FieldValue } from "./field-table.ts";
import { array, boolean, int64, longstr } from "./field-values.ts";

/** A field table as RabbitMQ shows it in JSON: without the widths of its numbers; bytes that are no text are lost. */
export function jsonOf(table: FieldTable): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Array.from(table, ([name, value]) => [name, jsonOfValue(value)]));
}

function jsonOfValue(field: FieldValue): unknown {
  switch (field.type) {
    case "longstr":
    case "bytes":
      return field.value.toString();
    case "int64":
    case "timestamp":
      return Number(field.value);
    case "decimal":
      return field.value / 10 ** field.places;
    case "array":
      return field.value.map(jsonOfValue);
    case "table":
      return jsonOf(field.value);
    case "void":
      return null;
    default:
      return field.value;
  }
}

/** As RabbitMQ reads JSON: whole numbers become 64 bits wide, all others doubles. */
export function tableOf(json: Readonly<Record<string, unknown>>): FieldTable {
  return new Map(Object.entries(json).map(([name, value]) => [name, valueOf(value)]));
}

function valueOf(json: unknown): FieldValue {
  switch (typeof json) {
    case "string":
      return longstr(json);
    case "boolean":
      return boolean(json);
    case "number":
      return Number.isSafeInteger(json) ? int64(json) : { type: "double", value: json };
    case "object":
      if (Array.isArray(json)) return array(...json.map(valueOf));
      if (json !== null) return { type: "table", value: tableOf(json as Record<string, unknown>) };
      return { type: "void" };
    default:
      return { type: "void" };
  }
}
