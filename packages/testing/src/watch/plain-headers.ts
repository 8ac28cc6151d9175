import type { FieldTable, FieldValue } from "../broker/codec/field-table.ts";

/** Headers as a test compares them: texts, numbers, dates and plain objects. Whole numbers beyond 2^53 lose their exactness. */
export function plainHeaders(table: FieldTable | undefined): Readonly<Record<string, unknown>> {
  const headers = Object.create(null) as Record<string, unknown>;
  for (const [name, field] of table ?? []) headers[name] = plainValue(field);
  return headers;
}

function plainValue(field: FieldValue): unknown {
  switch (field.type) {
    case "longstr":
      return field.value.toString();
    case "int64":
      return Number(field.value);
    case "timestamp":
      return new Date(Number(field.value) * 1_000);
    case "decimal":
      return field.value / 10 ** field.places;
    case "array":
      return field.value.map(plainValue);
    case "table":
      return plainHeaders(field.value);
    case "void":
      return null;
    default:
      return field.value;
  }
}
