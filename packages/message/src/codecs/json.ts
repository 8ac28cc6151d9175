import { isUtf8 } from "node:buffer";
import secureJson from "secure-json-parse";
import type { Codec } from "../codec.ts";
import { DeliveryError, WarrenError } from "../errors.ts";

export interface JsonCodecOptions {
  /** How deep objects and arrays may be nested, in both directions. @default 128 */
  readonly maxDepth?: number;
}

/**
 * JSON as hostile input: UTF-8 must be valid, nesting is limited, and a `__proto__` or `constructor.prototype` key is
 * refused, however it is escaped. Whole numbers beyond 2^53 lose digits, as everywhere in JavaScript: send them as texts.
 */
export function jsonCodec({ maxDepth = 128 }: JsonCodecOptions = {}): Codec {
  return {
    contentType: "application/json",
    encode(payload) {
      const text = stringify(payload);
      if (text === undefined) throw new WarrenError("PUBLISH_INVALID", `JSON cannot hold ${typeof payload}`);
      return Buffer.from(text);
    },
    decode(body) {
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      if (!isUtf8(bytes)) throw new DeliveryError("DECODE_FAILED", "the body is not valid UTF-8");
      if (isDeeperThan(bytes, maxDepth)) {
        throw new DeliveryError("DECODE_FAILED", `the JSON is nested deeper than ${maxDepth} levels`);
      }
      try {
        return secureJson.parse(bytes.toString());
      } catch (cause) {
        throw new DeliveryError(
          "DECODE_FAILED",
          `the body is not JSON that can be trusted: ${(cause as Error).message}`,
          { cause },
        );
      }
    },
  };
}

function stringify(payload: unknown): string | undefined {
  try {
    return JSON.stringify(payload);
  } catch (cause) {
    throw new WarrenError(
      "PUBLISH_INVALID",
      `the payload cannot be written as JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** One pass over the bytes, before a parser builds anything from them. A body of n bytes is at most n levels deep. */
function isDeeperThan(json: Uint8Array, maxDepth: number): boolean {
  if (json.length <= maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === quote) {
      while (++at < json.length && json[at] !== quote) if (json[at] === backslash) at++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
