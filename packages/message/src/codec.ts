import { didYouMean } from "./closest-name.ts";
import { DeliveryError } from "./errors.ts";
import { bytesCodec } from "./codecs/bytes.ts";
import { jsonCodec } from "./codecs/json.ts";
import { textCodec } from "./codecs/text.ts";

/** How a payload becomes bytes and back, chosen by content type. */
export interface Codec {
  /** Without parameters, in lower case: `application/json`. */
  readonly contentType: string;
  /** What it cannot encode it throws for; nothing has been sent then. */
  encode(payload: unknown): Uint8Array;
  /** What it cannot decode it throws for: the message is dead-lettered with that reason. Never guesses. */
  decode(body: Uint8Array): unknown;
}

/** Codecs by content type. */
export interface Codecs {
  /** @throws DeliveryError DECODE_FAILED when no codec has that content type. */
  for(contentType: string | undefined): Codec;
}

/** JSON, text and bytes; those given come first and may take the place of a built-in one. */
export function codecs(...more: readonly Codec[]): Codecs {
  const byType = new Map(
    [jsonCodec(), textCodec(), bytesCodec(), ...more].map((codec) => [codec.contentType, codec]),
  );
  return {
    for(contentType) {
      const exact = contentType === undefined ? undefined : byType.get(contentType);
      if (exact !== undefined) return exact;
      const name = essence(contentType);
      const codec = byType.get(name);
      if (codec !== undefined) return codec;
      throw new DeliveryError(
        "DECODE_FAILED",
        name === ""
          ? "the message has no content type, so no codec can be chosen"
          : `no codec for the content type "${name}".${didYouMean(name, byType.keys())}`,
        { context: { contentType: name } },
      );
    },
  };
}

/** `application/json; charset=utf-8` without its parameters. */
function essence(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
}
