import type { WireProperties } from "./wire-properties.ts";

/** Frame head and end, class, weight, body size and flags. */
const fixedBytes = 8 + 14;

/** Headers and properties within Warren's limits always fit into a frame of this size. */
const enoughBytes = 65_536;

/**
 * Why the properties of a publish cannot be sent, or nothing: AMQP has no way to cut them in two, and RabbitMQ closes the
 * whole connection over a frame that is larger than agreed (501).
 */
export function headerFrameProblem(properties: WireProperties, frameMax: number): string | undefined {
  if (frameMax >= enoughBytes) return undefined;
  const bytes = fixedBytes + propertiesBytes(properties);
  return bytes <= frameMax
    ? undefined
    : `its headers and properties take ${bytes} bytes, more than the frame of ${frameMax} bytes that was agreed with the broker (frameMax)`;
}

function propertiesBytes({ headers, ...others }: WireProperties): number {
  let bytes = headers === undefined ? 0 : tableBytes(headers);
  for (const [name, value] of Object.entries(others))
    if (value !== undefined)
      bytes += typeof value === "string" ? 1 + Buffer.byteLength(value) : name === "timestamp" ? 8 : 1;
  return bytes;
}

/** What amqplib makes of a table, its length included. */
function tableBytes(table: object): number {
  let bytes = 4;
  for (const [name, value] of Object.entries(table)) bytes += 1 + Buffer.byteLength(name) + fieldBytes(value);
  return bytes;
}

const typedBytes: Readonly<Record<string, number>> = {
  byte: 2,
  short: 3,
  int: 5,
  int64: 9,
  float: 5,
  double: 9,
  timestamp: 9,
  decimal: 6,
};

function fieldBytes(value: unknown): number {
  switch (typeof value) {
    case "string":
      return 5 + Buffer.byteLength(value);
    case "boolean":
      return 2;
    case "number":
      return numberBytes(value);
    default:
      return value === null ? 1 : objectBytes(value as object);
  }
}

function objectBytes(value: object): number {
  if (Buffer.isBuffer(value)) return 5 + value.length;
  if (Array.isArray(value)) return value.reduce<number>((bytes, item) => bytes + fieldBytes(item), 5);
  const type = (value as { readonly "!"?: string })["!"];
  return type === undefined ? 1 + tableBytes(value) : typedBytes[type]!;
}

/** A whole number takes the smallest type that holds it. */
function numberBytes(value: number): number {
  if (!Number.isInteger(value)) return 9;
  if (value >= -128 && value < 128) return 2;
  if (value >= -0x8000 && value < 0x8000) return 3;
  return value >= -0x8000_0000 && value < 0x8000_0000 ? 5 : 9;
}
