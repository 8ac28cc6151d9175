/** A value of a field table with its type on the wire, so that a table leaves the broker with the types it came with. */
export type FieldValue =
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32"; readonly value: number }
  | { readonly type: "int64" | "timestamp"; readonly value: bigint }
  | { readonly type: "float" | "double"; readonly value: number }
  | { readonly type: "decimal"; readonly places: number; readonly value: number }
  /** Text by agreement, any bytes in truth. */
  | { readonly type: "longstr" | "bytes"; readonly value: Buffer }
  | { readonly type: "array"; readonly value: readonly FieldValue[] }
  | { readonly type: "table"; readonly value: FieldTable }
  | { readonly type: "void" };

/** In the order of the wire. A key that stands twice has its last value. */
export type FieldTable = ReadonlyMap<string, FieldValue>;
