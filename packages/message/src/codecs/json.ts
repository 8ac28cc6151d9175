import { isUtf8 } from "node:buffer";
import { scan } from "secure-json-parse";
import type { Codec } from "../codec.ts";
import { DeliveryError, WarrenError } from "../errors.ts";
import { anInteger, resolveOptions } from "../options.ts";
import { isDeeperThan, lossyInteger } from "./json-scan.ts";

export interface JsonCodecOptions {
  /** How deep objects and arrays may be nested, in both directions. @default 128 */
  readonly maxDepth?: number;
}

const byteOrderMark = 0xfeff;

const defaults = Object.freeze({ maxDepth: 128 });

/**
 * JSON as hostile input. Refused are: invalid UTF-8, nesting beyond the limit, a `__proto__` or
 * `constructor.prototype` key however it is escaped, and a whole number that JavaScript would round (send those as
 * texts). Nothing is revived: a date stays the text it was, which is the schema's business. Of a repeated key the last
 * value counts, as in `JSON.parse`. Errors quote nothing of the body.
 */
export function jsonCodec(options: JsonCodecOptions = {}): Codec {
  const { maxDepth } = resolveOptions("jsonCodec", options, defaults, { maxDepth: anInteger(1, 10_000) });
  return {
    contentType: "application/json",
    encode(payload) {
      const text = stringify(payload);
      if (text === undefined) throw new WarrenError("PUBLISH_INVALID", `JSON cannot hold ${typeof payload}`);
      const body = Buffer.from(text);
      if (isDeeperThan(body, text, maxDepth)) {
        throw new WarrenError("PUBLISH_INVALID", `the payload is nested deeper than ${maxDepth} levels`);
      }
      return body;
    },
    decode(body) {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const text = decodeUtf8(bytes);
      if (isDeeperThan(bytes, text, maxDepth)) refuse(`is nested deeper than ${maxDepth} levels`);
      const value = parse(text);
      if (mayPoison(text)) refusePoison(value);
      if (lossyInteger(bytes)) refuse("holds a whole number beyond 2^53 that JavaScript would round");
      return value;
    },
  };
}

function refuse(reason: string): never {
  throw new DeliveryError("DECODE_FAILED", `the JSON body ${reason}`);
}

function stringify(payload: unknown): string | undefined {
  try {
    return JSON.stringify(payload);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WarrenError("PUBLISH_INVALID", `the payload cannot be written as JSON: ${reason}`, { cause });
  }
}

/** Decoding puts U+FFFD where the bytes are wrong, so that only a text which holds one needs a second look. */
function decodeUtf8(bytes: Buffer): string {
  const text = bytes.toString();
  if (text.includes("\ufffd") && !isUtf8(bytes)) refuse("is not valid UTF-8");
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
}

/** The engine's message quotes the body, so neither it nor the error goes on. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = / at position (\d+)/.exec((error as Error).message)?.[1];
    return refuse(position === undefined ? "is not JSON" : `is not JSON, see position ${position}`);
  }
}

/** Whether either key can be there at all: spelt out, or with an escape of an ASCII letter. Spares most bodies the walk. */
function mayPoison(text: string): boolean {
  return text.includes("__proto__") || text.includes("constructor") || text.includes("\\u00");
}

function refusePoison(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  try {
    scan(value);
  } catch {
    refuse("has a __proto__ or constructor.prototype key");
  }
}
