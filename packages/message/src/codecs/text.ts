import { isUtf8 } from "node:buffer";
import type { Codec } from "../codec.ts";
import { DeliveryError, WarrenError } from "../errors.ts";

/** Texts as UTF-8. */
export function textCodec(): Codec {
  return {
    contentType: "text/plain",
    encode(payload) {
      if (typeof payload === "string") return Buffer.from(payload);
      throw new WarrenError("PUBLISH_INVALID", `text/plain takes a text, not ${typeof payload}`);
    },
    decode(body) {
      if (!isUtf8(body)) throw new DeliveryError("DECODE_FAILED", "the body is not valid UTF-8");
      return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
    },
  };
}
