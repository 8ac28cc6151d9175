import type { FieldValue } from "../codec/field-table.ts";

type FieldType = FieldValue["type"];

const erlangNames: Readonly<Partial<Record<FieldType, string>>> = {
  boolean: "bool",
  int8: "byte",
  uint8: "unsignedbyte",
  int16: "short",
  uint16: "unsignedshort",
  int32: "signedint",
  uint32: "unsignedint",
  int64: "long",
  bytes: "binary",
};

/** What RabbitMQ calls the type of a field in its texts. */
export function erlangType(type: FieldType): string {
  return erlangNames[type] ?? type;
}

/** A value as Erlang's `~p` prints it, on one line. */
export function erlangTerm(field: FieldValue): string {
  switch (field.type) {
    case "longstr":
    case "bytes":
      return erlangBinary(field.value);
    case "array":
      return `[${field.value.map((item) => `{${erlangType(item.type)},${erlangTerm(item)}}`).join(",")}]`;
    case "table":
      return `[${Array.from(field.value, ([key, value]) => `{${erlangBinary(Buffer.from(key))},${erlangType(value.type)},${erlangTerm(value)}}`).join(",")}]`;
    case "decimal":
      return `{${field.places},${field.value}}`;
    case "float":
    case "double":
      return erlangFloat(field.value);
    case "void":
      return "undefined";
    default:
      return String(field.value);
  }
}

/** Text in quotes where all of it can be printed, else its octets. */
function erlangBinary(bytes: Buffer): string {
  if (bytes.length === 0) return "<<>>";
  const text = bytes.toString("latin1");
  if (!bytes.every(isPrintable)) return `<<${bytes.join(",")}>>`;
  return `<<${JSON.stringify(text)}>>`;
}

function isPrintable(octet: number): boolean {
  return (octet >= 0x20 && octet < 0x7f) || octet >= 0xa0 || (octet >= 8 && octet <= 13) || octet === 27;
}

/** With a point always, and a decimal exponent of two signs at least where there is one. */
function erlangFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const [mantissa = "", exponent] = String(value).split("e");
  const pointed = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent.replace("+", "")}`;
}
