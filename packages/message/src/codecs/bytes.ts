import type { Codec } from "../codec.ts";
import { WarrenError } from "../errors.ts";

/** Bytes as they are; the handler gets its own copy. */
export function bytesCodec(): Codec {
  return {
    contentType: "application/octet-stream",
    encode(payload) {
      if (payload instanceof Uint8Array) return payload;
      throw new WarrenError(
        "PUBLISH_INVALID",
        `application/octet-stream takes a Uint8Array, not ${typeof payload}`,
      );
    },
    decode: (body) => new Uint8Array(body),
  };
}
