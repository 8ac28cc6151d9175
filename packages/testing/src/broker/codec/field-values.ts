import { bytesOfText, textOfBytes } from "./byte-text.ts";
import type { FieldTable, FieldValue } from "./field-table.ts";

/** Of a text that may have been no UTF-8. */
export function longstr(text: string): FieldValue {
  return { type: "longstr", value: bytesOfText(text) };
}

/** A whole number as a client in Erlang would send it. */
export function int64(value: number | bigint): FieldValue {
  return { type: "int64", value: BigInt(value) };
}

export function boolean(value: boolean): FieldValue {
  return { type: "boolean", value };
}

export function table(entries: Readonly<Record<string, FieldValue>>): FieldValue {
  return { type: "table", value: fieldTable(entries) };
}

export function array(...values: readonly FieldValue[]): FieldValue {
  return { type: "array", value: values };
}

/** In the order of the entries. */
export function fieldTable(entries: Readonly<Record<string, FieldValue>>): FieldTable {
  return new Map(Object.entries(entries));
}

/** The text of a longstr; undefined for any other type, and where there is no value. */
export function textOf(value: FieldValue | undefined): string | undefined {
  return value?.type === "longstr" ? textOfBytes(value.value, 0, value.value.length) : undefined;
}

/** Undefined for any other type, and where there is no value. */
export function booleanOf(value: FieldValue | undefined): boolean | undefined {
  return value?.type === "boolean" ? value.value : undefined;
}

/** The whole number of any of the integer types, exact up to 2^53; undefined for any other type. */
export function integerOf(value: FieldValue | undefined): number | undefined {
  switch (value?.type) {
    case "int8":
    case "uint8":
    case "int16":
    case "uint16":
    case "int32":
    case "uint32":
      return value.value;
    case "int64":
      return Number(value.value);
    default:
      return undefined;
  }
}
