import { type Headers, type HeaderValue, typedHeader, type TypedHeader } from "@warren/message";
import { isTypedHeader } from "@warren/message/authoring";

/** How deep headers may be nested in an envelope; the wire allows less. */
const maxDepth = 64;

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * The types that JSON cannot tell, in the shape of the headers: `{ "at": "timestamp", "table": { "raw": "bytes" },
 * "list": { "2": "float" } }`.
 */
export type HeaderTypes = { readonly [name: string]: string | HeaderTypes };

interface Encoded {
  readonly json: Json;
  readonly type?: string | HeaderTypes;
}

export function encodeHeaders(headers: Headers): {
  readonly headers: Json;
  readonly headerTypes?: HeaderTypes;
} {
  const { json, type } = encodeEntries(Object.entries(headers), 1);
  return { headers: json, ...(type === undefined ? {} : { headerTypes: type as HeaderTypes }) };
}

function encodeEntries(entries: readonly (readonly [string, HeaderValue])[], depth: number): Encoded {
  if (depth > maxDepth) return { json: `[nested deeper than ${maxDepth} levels]` };
  const json: Record<string, Json> = emptyTable();
  const types: Record<string, string | HeaderTypes> = emptyTable();
  for (const [name, value] of entries) {
    const encoded = encodeValue(value, depth);
    json[name] = encoded.json;
    if (encoded.type !== undefined) types[name] = encoded.type;
  }
  return Object.keys(types).length === 0 ? { json } : { json, type: types };
}

function encodeValue(value: HeaderValue, depth: number): Encoded {
  switch (typeof value) {
    case "number":
      return encodeNumber(value, Number.isInteger(value) ? "int64" : "double");
    case "bigint":
      return { json: Number.isSafeInteger(Number(value)) ? Number(value) : String(value), type: "int64" };
    case "string":
    case "boolean":
      return { json: value };
    default:
      return value === null ? { json: null } : encodeObject(value, depth);
  }
}

/** What JSON would round or has no word for is a text with its type. */
function encodeNumber(value: number, type: string): Encoded {
  const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return exact
    ? { json: value }
    : { json: Number.isInteger(value) ? String(BigInt(value)) : String(value), type };
}

function encodeObject(value: object, depth: number): Encoded {
  if (value instanceof Date)
    return { json: Number.isNaN(value.getTime()) ? "invalid" : value.toISOString(), type: "timestamp" };
  if (value instanceof Uint8Array)
    return {
      json: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"),
      type: "bytes",
    };
  if (isTypedHeader(value)) return { json: encodeNumber(value.value, "").json, type: value.headerType };
  if (!Array.isArray(value)) return encodeEntries(Object.entries(value as Headers), depth + 1);
  const { json, type } = encodeEntries(
    value.map((item: HeaderValue, index) => [String(index), item] as const),
    depth + 1,
  );
  const items = typeof json === "string" ? json : Object.values(json as object);
  return type === undefined ? { json: items } : { json: items, type };
}

/** Headers from an envelope, or a complaint that names the path. */
export function decodeHeaders(
  headers: unknown,
  types: unknown,
): { readonly headers: Headers } | { readonly complaint: string } {
  try {
    if (!isTable(headers)) throw new Complaint("headers must be an object");
    return { headers: decodeTable(headers, isTable(types) ? types : {}, "headers", 1) };
  } catch (error) {
    if (error instanceof Complaint) return { complaint: error.message };
    throw error;
  }
}

class Complaint extends Error {}

function decodeTable(table: object, types: object, path: string, depth: number): Record<string, HeaderValue> {
  if (depth > maxDepth) throw new Complaint(`headers are nested deeper than ${maxDepth} levels`);
  const decoded = emptyTable<HeaderValue>();
  for (const [name, value] of Object.entries(table))
    decoded[name] = decodeValue(value, own(types, name), `${path}.${name}`, depth);
  return decoded;
}

function decodeValue(value: unknown, type: unknown, path: string, depth: number): HeaderValue {
  if (typeof type === "string") return decodeTyped(value, type, path);
  const inner = isTable(type) ? type : {};
  if (Array.isArray(value))
    return Object.values(decodeTable(Object.fromEntries(value.entries()), inner, path, depth + 1));
  return isTable(value) ? decodeTable(value, inner, path, depth + 1) : (value as HeaderValue);
}

const numberTypes: ReadonlySet<string> = new Set(["byte", "short", "int", "int64", "float", "double"]);

function decodeTyped(value: unknown, type: string, path: string): HeaderValue {
  if (type === "timestamp") {
    const date = new Date(typeof value === "number" ? value * 1_000 : String(value));
    if (Number.isNaN(date.getTime())) throw new Complaint(`${path} is no timestamp`);
    return date;
  }
  if (type === "bytes" && typeof value === "string") return Buffer.from(value, "base64");
  if (numberTypes.has(type)) {
    const number = Number(value);
    if ((typeof value !== "number" && typeof value !== "string") || value === "" || Number.isNaN(number))
      throw new Complaint(`${path} is no ${type}`);
    if (type === "int64" && !Number.isSafeInteger(number) && /^-?\d+$/.test(String(value)))
      return BigInt(value);
    return typedHeader(type as TypedHeader["headerType"], number);
  }
  throw new Complaint(`headerTypes: "${type}" at ${path} is not known for this value`);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(table: object, name: string): unknown {
  return Object.hasOwn(table, name) ? (table as Record<string, unknown>)[name] : undefined;
}

/** Without a prototype: a header may be called `__proto__`. */
function emptyTable<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}
