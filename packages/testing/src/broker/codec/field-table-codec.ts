import { AmqpError } from "../amqp-error.ts";
import type { FieldTable, FieldValue } from "./field-table.ts";
import { malformed, WireReader } from "./wire-reader.ts";
import { sharedWriter, type WireWriter } from "./wire-writer.ts";

/**
 * Tables and arrays within one another, the outermost included. RabbitMQ has no such limit, but a stack that grows for
 * it. The size needs no limit of its own: a table is never larger than the frame it came in.
 */
export const maxTableDepth = 32;

const octetOf = (letter: string): number => letter.charCodeAt(0);

const tags = {
  boolean: octetOf("t"),
  int8: octetOf("b"),
  uint8: octetOf("B"),
  int16: octetOf("s"),
  uint16: octetOf("u"),
  int32: octetOf("I"),
  uint32: octetOf("i"),
  int64: octetOf("l"),
  float: octetOf("f"),
  double: octetOf("d"),
  decimal: octetOf("D"),
  longstr: octetOf("S"),
  bytes: octetOf("x"),
  array: octetOf("A"),
  table: octetOf("F"),
  timestamp: octetOf("T"),
  void: octetOf("V"),
} as const satisfies Record<FieldValue["type"], number>;

type ReadValue = (reader: WireReader, depth: number) => FieldValue;

const voidValue: FieldValue = Object.freeze({ type: "void" });
const trueValue: FieldValue = Object.freeze({ type: "boolean", value: true });
const falseValue: FieldValue = Object.freeze({ type: "boolean", value: false });

/** By the octet before the value. `L` is another name of `l` that RabbitMQ reads and never writes. */
const readers: readonly (ReadValue | undefined)[] = byTag({
  t: (reader) => (reader.octet() === 0 ? falseValue : trueValue),
  b: (reader) => ({ type: "int8", value: reader.int8() }),
  B: (reader) => ({ type: "uint8", value: reader.octet() }),
  s: (reader) => ({ type: "int16", value: reader.int16() }),
  u: (reader) => ({ type: "uint16", value: reader.short() }),
  I: (reader) => ({ type: "int32", value: reader.int32() }),
  i: (reader) => ({ type: "uint32", value: reader.long() }),
  l: (reader) => ({ type: "int64", value: reader.int64() }),
  L: (reader) => ({ type: "int64", value: reader.int64() }),
  f: (reader) => ({ type: "float", value: reader.float() }),
  d: (reader) => ({ type: "double", value: reader.double() }),
  D: (reader) => ({ type: "decimal", places: reader.octet(), value: reader.long() }),
  S: (reader) => ({ type: "longstr", value: reader.longstr() }),
  x: (reader) => ({ type: "bytes", value: reader.longstr() }),
  A: (reader, depth) => ({ type: "array", value: readArray(reader, depth + 1) }),
  F: (reader, depth) => ({ type: "table", value: readTable(reader, depth + 1) }),
  T: (reader) => ({ type: "timestamp", value: reader.uint64() }),
  V: () => voidValue,
});

/** A table with its length before it. */
export function readTable(reader: WireReader, depth = 1): FieldTable {
  const outer = reader.enter(reader.long());
  const table = readFields(reader, depth);
  reader.leave(outer);
  return table;
}

/** As {@link readTable}, for a table that outlives what was read: it keeps none of that in memory. */
export function readTableCopy(reader: WireReader): FieldTable {
  return readFields(new WireReader(Buffer.from(reader.view(reader.long()))), 1);
}

/**
 * The fields of a table without its length before them, as the SASL mechanism AMQPLAIN has them. Texts and bytes are
 * views of `bytes`.
 *
 * @throws AmqpError 502 for bytes that are no table, and for one deeper than {@link maxTableDepth}.
 */
export function decodeFields(bytes: Buffer): FieldTable {
  try {
    return readFields(new WireReader(bytes), 1);
  } catch (error) {
    throw error === malformed ? new AmqpError(502, "malformed field table") : error;
  }
}

/** A table with its length before it. @throws RangeError where a value does not fit its type, a key 255 bytes. */
export function writeTable(writer: WireWriter, table: FieldTable, depth = 1): void {
  checkDepth(depth);
  const start = writer.skipLong();
  for (const [key, value] of table) {
    writer.shortstr(key);
    writeValue(writer, value, depth);
  }
  writer.patchLong(start, writer.length - start - 4);
}

/** The counterpart of {@link decodeFields}. */
export function encodeFields(table: FieldTable): Buffer {
  const writer = sharedWriter.begin();
  writeTable(writer, table);
  return writer.take().subarray(4);
}

function readFields(reader: WireReader, depth: number): FieldTable {
  checkDepth(depth);
  const table = new Map<string, FieldValue>();
  while (!reader.ended) table.set(reader.shortstr(), readValue(reader, depth));
  return table;
}

function readArray(reader: WireReader, depth: number): FieldValue[] {
  checkDepth(depth);
  const outer = reader.enter(reader.long());
  const values: FieldValue[] = [];
  while (!reader.ended) values.push(readValue(reader, depth));
  reader.leave(outer);
  return values;
}

function readValue(reader: WireReader, depth: number): FieldValue {
  const read = readers[reader.octet()];
  if (read === undefined) throw malformed;
  return read(reader, depth);
}

function writeValue(writer: WireWriter, value: FieldValue, depth: number): void {
  writer.octet(tags[value.type]);
  switch (value.type) {
    case "boolean":
      return writer.octet(value.value ? 1 : 0);
    case "int8":
      return writer.int8(value.value);
    case "uint8":
      return writer.octet(value.value);
    case "int16":
      return writer.int16(value.value);
    case "uint16":
      return writer.short(value.value);
    case "int32":
      return writer.int32(value.value);
    case "uint32":
      return writer.long(value.value);
    case "int64":
      return writer.int64(value.value);
    case "timestamp":
      return writer.uint64(value.value);
    case "float":
      return writer.float(value.value);
    case "double":
      return writer.double(value.value);
    case "decimal":
      writer.octet(value.places);
      return writer.long(value.value);
    case "longstr":
    case "bytes":
      return writer.longstr(value.value);
    case "array":
      return writeArray(writer, value.value, depth + 1);
    case "table":
      return writeTable(writer, value.value, depth + 1);
    case "void":
  }
}

function writeArray(writer: WireWriter, values: readonly FieldValue[], depth: number): void {
  checkDepth(depth);
  const start = writer.skipLong();
  for (const value of values) writeValue(writer, value, depth);
  writer.patchLong(start, writer.length - start - 4);
}

function checkDepth(depth: number): void {
  if (depth > maxTableDepth) throw new AmqpError(502, `field table deeper than ${maxTableDepth} levels`);
}

function byTag(table: Readonly<Record<string, ReadValue>>): readonly (ReadValue | undefined)[] {
  const list: (ReadValue | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [letter, read] of Object.entries(table)) list[octetOf(letter)] = read;
  return list;
}
