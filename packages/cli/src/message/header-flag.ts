import { type HeaderValue, typedHeader } from "@warren/message";
import { didYouMean } from "@warren/message/authoring";

type Parsed = { readonly value: HeaderValue } | { readonly complaint: string };

const types: Readonly<Record<string, (text: string) => Parsed>> = {
  string: (text) => ({ value: text }),
  int: (text) => {
    const value = Number(text);
    return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(value)
      ? { value }
      : { complaint: "is no whole number between -2^53 and 2^53" };
  },
  float: (text) => {
    const value = Number(text);
    // Typed, so that 1.0 is not sent as the integer 1.
    return text.trim() !== "" && Number.isFinite(value)
      ? { value: typedHeader("double", value) }
      : { complaint: "is no number" };
  },
  bool: (text) =>
    text === "true" || text === "false"
      ? { value: text === "true" }
      : { complaint: "is neither true nor false" },
  json: (text) => {
    try {
      return { value: JSON.parse(text) as HeaderValue };
    } catch {
      return { complaint: "is no JSON" };
    }
  },
  time: (text) => {
    const date = parseTime(text);
    return date === undefined
      ? { complaint: "is no time such as 2026-01-31T12:00:00Z, nor seconds since 1970" }
      : { value: date };
  },
  bytes: (text) =>
    Buffer.from(text, "base64").toString("base64") === text
      ? { value: Buffer.from(text, "base64") }
      : { complaint: "is no base64" },
};

/**
 * `-H key[:type]=value`. The type stands behind the last colon before the first `=`; a key with a colon of its own
 * needs a type (`urn:x:string=…`), so that a misspelt type is told instead of becoming part of the key.
 */
export function parseHeaderFlag(
  written: string,
): { readonly name: string; readonly value: HeaderValue } | { readonly complaint: string } {
  const equals = written.indexOf("=");
  if (equals < 0) return { complaint: `"${written}" has no "=": write key=value or key:type=value` };
  const left = written.slice(0, equals);
  const colon = left.lastIndexOf(":");
  const name = colon < 0 ? left : left.slice(0, colon);
  const type = colon < 0 ? "string" : left.slice(colon + 1);
  if (name === "") return { complaint: `"${written}" has no key` };
  const parse = Object.hasOwn(types, type) ? types[type] : undefined;
  if (parse === undefined) {
    const known = Object.keys(types);
    const wayOut = didYouMean(type, known) || ` If the key is "${left}", write ${left}:string=…`;
    return { complaint: `${name}: "${type}" is no type of a header (${known.join(", ")}).${wayOut}` };
  }
  const text = written.slice(equals + 1);
  const parsed = parse(text);
  return "complaint" in parsed
    ? {
        complaint: `${name}: "${text}" ${parsed.complaint}; to send it as text, write ${name}:string=${text}`,
      }
    : { name, value: parsed.value };
}

/** ISO 8601, or seconds since 1970. */
export function parseTime(text: string): Date | undefined {
  const date = new Date(
    /^\d+$/.test(text) ? Number(text) * 1_000 : /^\d{4}-\d\d/.test(text) ? text : Number.NaN,
  );
  return Number.isNaN(date.getTime()) ? undefined : date;
}
