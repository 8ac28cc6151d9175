import { readTableCopy, writeTable } from "./field-table-codec.ts";
import type { FieldTable } from "./field-table.ts";
import type { MethodLayout, Reserved, WireType } from "./method-table.ts";
import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** The arguments of a method by name, as they are while nobody knows which method it is. */
export type Values = Record<string, unknown>;

/** The steps that read and write the arguments of one method, bits of one octet together. */
export interface CompiledMethod {
  /** Class id in the upper half, method id in the lower. */
  readonly id: number;
  readonly read: readonly ((reader: WireReader, values: Values) => void)[];
  readonly write: readonly ((writer: WireWriter, values: Values) => void)[];
}

type OctetType = Exclude<WireType | Reserved, "bit" | "reserved bit">;

interface ValueCodec {
  read(reader: WireReader): unknown;
  write(writer: WireWriter, value: unknown): void;
}

const codecs: Readonly<Record<OctetType, ValueCodec>> = {
  octet: {
    read: (reader) => reader.octet(),
    write: (writer, value) => writer.octet(value as number),
  },
  short: {
    read: (reader) => reader.short(),
    write: (writer, value) => writer.short(value as number),
  },
  long: {
    read: (reader) => reader.long(),
    write: (writer, value) => writer.long(value as number),
  },
  longlong: {
    read: (reader) => reader.longlong(),
    write: (writer, value) => writer.longlong(value as number),
  },
  shortstr: {
    read: (reader) => reader.shortstr(),
    write: (writer, value) => writer.shortstr(value as string),
  },
  name: {
    read: (reader) => reader.name(),
    write: (writer, value) => writer.shortstr(value as string),
  },
  "reply text": {
    read: (reader) => reader.shortstr(),
    write: (writer, value) => writer.shortstr(cut(value as string)),
  },
  longstr: {
    read: (reader) => reader.longstr(),
    write: (writer, value) => writer.longstr(value as Buffer),
  },
  table: {
    read: (reader) => readTableCopy(reader),
    write: (writer, value) => writeTable(writer, value as FieldTable),
  },
  "reserved short": {
    read: (reader) => reader.short(),
    write: (writer) => writer.short(0),
  },
  "reserved shortstr": {
    read: (reader) => reader.name(),
    write: (writer) => writer.octet(0),
  },
  "reserved longstr": {
    read: (reader) => reader.longstr(),
    write: (writer) => writer.long(0),
  },
};

export function compileMethod({ classId, methodId, arguments: types }: MethodLayout): CompiledMethod {
  const read: CompiledMethod["read"][number][] = [];
  const write: CompiledMethod["write"][number][] = [];
  const left = Object.entries(types);
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const [name, type] = next;
    if (type === "bit") {
      // No method has more than eight in a row: one octet holds them.
      const bits = [name];
      while (left[0]?.[1] === "bit") bits.push(left.shift()![0]);
      read.push((reader, values) => readBits(reader.octet(), bits, values));
      write.push((writer, values) => writer.octet(bitsOf(bits, values)));
    } else if (type === "reserved bit") {
      read.push((reader) => void reader.octet());
      write.push((writer) => writer.octet(0));
    } else {
      const codec = codecs[type];
      read.push(
        type.startsWith("reserved")
          ? (reader) => void codec.read(reader)
          : (reader, values) => void (values[name] = codec.read(reader)),
      );
      write.push((writer, values) => codec.write(writer, values[name]));
    }
  }
  return { id: classId * 2 ** 16 + methodId, read, write };
}

function readBits(octet: number, names: readonly string[], values: Values): void {
  let bits = octet;
  for (const name of names) {
    values[name] = (bits & 1) === 1;
    bits >>= 1;
  }
}

function bitsOf(names: readonly string[], values: Values): number {
  let octet = 0;
  for (let index = 0; index < names.length; index += 1)
    if (values[names[index]!] === true) octet |= 1 << index;
  return octet;
}

function cut(text: string): string {
  if (Buffer.byteLength(text) <= 255) return text;
  const bytes = Buffer.from(text);
  let end = 252;
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString("utf8", 0, end)}...`;
}
