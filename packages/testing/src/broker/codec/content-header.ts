import { AmqpError } from "../amqp-error.ts";
import { readTable, writeTable } from "./field-table-codec.ts";
import type { Properties } from "./properties.ts";
import { malformed, WireReader } from "./wire-reader.ts";
import { sharedWriter, type WireWriter } from "./wire-writer.ts";

const basicClass = 60;

/** What stands before a body: how long it is, and its properties. */
export interface ContentHeader {
  /** Exact up to 2^53. */
  readonly bodyBytes: number;
  readonly properties: Properties;
}

type PropertyType = "shortstr" | "octet" | "timestamp" | "table";

/** In the order of the wire; the first has the highest bit of the flags. */
const layout: Readonly<Record<keyof Properties, PropertyType>> = {
  contentType: "shortstr",
  contentEncoding: "shortstr",
  headers: "table",
  deliveryMode: "octet",
  priority: "octet",
  correlationId: "shortstr",
  replyTo: "shortstr",
  expiration: "shortstr",
  messageId: "shortstr",
  timestamp: "timestamp",
  type: "shortstr",
  userId: "shortstr",
  appId: "shortstr",
  clusterId: "shortstr",
};

const fields = Object.entries(layout).map(([name, type], index) => ({
  name: name as keyof Properties,
  type,
  flag: 1 << (15 - index),
}));

/**
 * `payload` is that of a content header frame. Texts and bytes within the headers are views of it.
 *
 * The lowest two flags mean nothing to RabbitMQ, so that no second word of flags is read.
 *
 * @throws AmqpError 505 for another class than basic and for a weight, 541 for properties that cannot be read (all as
 * RabbitMQ 3.10 and 4.0), 502 for headers of too many levels.
 */
export function decodeContentHeader(payload: Buffer): ContentHeader {
  try {
    return readContentHeader(new WireReader(payload));
  } catch (error) {
    throw error === malformed ? new AmqpError(541, "") : error;
  }
}

function readContentHeader(reader: WireReader): ContentHeader {
  const classId = reader.short();
  if (classId !== basicClass)
    throw new AmqpError(
      505,
      `expected content header for class ${basicClass}, got one for class ${classId} instead`,
    );
  if (reader.short() !== 0)
    throw new AmqpError(
      505,
      `expected content header for class ${basicClass}, got non content header frame instead`,
    );
  const bodyBytes = reader.longlong();
  const flags = reader.short();
  const properties: Record<string, unknown> = {};
  for (const { name, type, flag } of fields)
    if ((flags & flag) !== 0) properties[name] = readProperty(reader, type);
  if (!reader.ended) throw malformed;
  return { bodyBytes, properties };
}

/**
 * The payload of a content header frame.
 *
 * @throws RangeError for a text of more than 255 bytes and a number that does not fit its type.
 */
export function encodeContentHeader(bodyBytes: number, properties: Properties): Buffer {
  const writer = sharedWriter.begin();
  writer.short(basicClass);
  writer.short(0);
  writer.longlong(bodyBytes);
  let flags = 0;
  for (const { name, flag } of fields) if (properties[name] !== undefined) flags |= flag;
  writer.short(flags);
  if (flags !== 0)
    for (const { name, type } of fields) {
      const value = properties[name];
      if (value !== undefined) writeProperty(writer, type, value);
    }
  return writer.take();
}

function readProperty(reader: WireReader, type: PropertyType): unknown {
  switch (type) {
    case "shortstr":
      return reader.shortstr();
    case "octet":
      return reader.octet();
    case "timestamp":
      return reader.uint64();
    case "table":
      return readTable(reader);
  }
}

function writeProperty(
  writer: WireWriter,
  type: PropertyType,
  value: NonNullable<Properties[keyof Properties]>,
): void {
  switch (type) {
    case "shortstr":
      return writer.shortstr(value as string);
    case "octet":
      return writer.octet(value as number);
    case "timestamp":
      return writer.uint64(value as bigint);
    case "table":
      return writeTable(writer, value as NonNullable<Properties["headers"]>);
  }
}
