import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FieldTable, FieldValue } from "./field-table.ts";
import type { Method } from "./method-table.ts";
import type { Properties } from "./properties.ts";

interface Definitions {
  encodeMethod(id: number, channel: number, fields: Record<string, unknown>): Buffer;
  encodeProperties(classId: number, channel: number, size: bigint, fields: Record<string, unknown>): Buffer;
}

const require = createRequire(import.meta.url);
const definitions = require(join(dirname(require.resolve("amqplib")), "lib", "defs.js")) as Definitions;

/** The method frame as amqplib's own encoder makes it. */
export function amqplibMethodFrame(channel: number, id: number, args: Method["arguments"]): Buffer {
  return definitions.encodeMethod(id, channel, inAmqplibsWords(args));
}

export function amqplibHeaderFrame(channel: number, bodyBytes: number, properties: Properties): Buffer {
  return definitions.encodeProperties(60, channel, BigInt(bodyBytes), inAmqplibsWords(properties));
}

function inAmqplibsWords(values: Method["arguments"] | Properties): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values as Record<string, unknown>).map(([name, value]) => [
      name === "noWait" ? "nowait" : name,
      plainArgument(value),
    ]),
  );
}

function plainArgument(value: unknown): unknown {
  if (value instanceof Map) return plainTable(value as FieldTable);
  return typeof value === "bigint" ? Number(value) : value;
}

/** With the "!" that tells amqplib the type. */
function plainTable(table: FieldTable): Record<string, unknown> {
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of table) plain[key] = plainValue(value);
  return plain;
}

function plainValue(value: FieldValue): unknown {
  switch (value.type) {
    case "void":
      return null;
    case "array":
      return value.value.map(plainValue);
    case "table":
      return plainTable(value.value);
    case "longstr":
      return { "!": "string", value: value.value.toString() };
    case "bytes":
      return value.value;
    case "decimal":
      return { "!": "decimal", value: { places: value.places, digits: value.value } };
    default:
      return { "!": value.type, value: value.value };
  }
}
