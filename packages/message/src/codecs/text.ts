import { isUtf8 } from "node:buffer";
import type { Codec } from "../codec.ts";
import { DeliveryError, WarrenError } from "../errors.ts";

/** Texts as UTF-8. What is not valid UTF-8, or half a surrogate pair, is refused rather than replaced by U+FFFD. */
export function textCodec(): Codec {
  return {
    contentType: "text/plain",
    encode(payload) {
      if (typeof payload !== "string")
        throw new WarrenError("PUBLISH_INVALID", `text/plain takes a text, not ${typeof payload}`);
      if (/\p{Surrogate}/u.test(payload))
        throw new WarrenError("PUBLISH_INVALID", "the text holds half a surrogate pair, which UTF-8 cannot");
      return Buffer.from(payload);
    },
    decode(body) {
      if (!isUtf8(body)) throw new DeliveryError("DECODE_FAILED", "the body is not valid UTF-8");
      return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
    },
  };
}
