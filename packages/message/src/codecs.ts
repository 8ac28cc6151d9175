import { didYouMean } from "./closest-name.ts";
import type { Codec } from "./codec.ts";
import { DeliveryError } from "./errors.ts";
import { bytesCodec } from "./codecs/bytes.ts";
import { jsonCodec } from "./codecs/json.ts";
import { textCodec } from "./codecs/text.ts";

/** Codecs by content type. */
export interface Codecs {
  /** @throws DeliveryError DECODE_FAILED when no codec has that content type. */
  for(contentType: string | undefined): Codec;
}

/** JSON, text and bytes; a codec that is given takes the place of a built-in one with the same content type. */
export function codecs(...more: readonly Codec[]): Codecs {
  const byType = new Map(
    [jsonCodec(), textCodec(), bytesCodec(), ...more].map((codec) => [codec.contentType, codec]),
  );
  return {
    for(contentType) {
      const exact = contentType === undefined ? undefined : byType.get(contentType);
      if (exact !== undefined) return exact;
      const [name, charset] = mediaType(contentType);
      if (charset !== undefined && !utf8Charsets.has(charset))
        throw new DeliveryError(
          "DECODE_FAILED",
          `no codec for the charset ${JSON.stringify(charset)}, only UTF-8`,
          {
            context: { contentType: name, charset },
          },
        );
      const codec = byType.get(name);
      if (codec !== undefined) return codec;
      throw new DeliveryError(
        "DECODE_FAILED",
        name === ""
          ? "the message has no content type, so no codec can be chosen"
          : `no codec for the content type ${JSON.stringify(name)}.${didYouMean(name, byType.keys())}`,
        { context: { contentType: name } },
      );
    },
  };
}

/** US-ASCII is a part of UTF-8. */
const utf8Charsets: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);

/** The name and charset of `application/json; charset="utf-8"`, in lower case. */
function mediaType(contentType: string | undefined): readonly [string, string | undefined] {
  const [name, ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith("charset="));
  return [name!.trim(), charset?.slice("charset=".length).replaceAll('"', "")];
}
