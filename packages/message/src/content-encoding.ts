import { constants, gunzip, gzip } from "node:zlib";
import { promisify } from "node:util";
import { DeliveryError } from "./errors.ts";

/** How a body can be compressed. */
export type ContentEncoding = "gzip";

export interface DecompressionLimits {
  /** How large a body may become. @default 16,777,216 (16 MiB) */
  readonly maxBytes?: number;
  /** How many times its size a body may become; bodies up to 64 KiB may always. gzip ends at 1,032. @default 200 */
  readonly maxRatio?: number;
}

export const decompressionLimits: Required<DecompressionLimits> = Object.freeze({
  maxBytes: 16 * 1024 * 1024,
  maxRatio: 200,
});

/** Small outputs harm nobody, and a few hundred equal bytes in a small body are no attack. */
const alwaysAllowedBytes = 65_536;

/** Words that say nothing is compressed. Spring and Celery put the charset here. */
const plain: ReadonlySet<string> = new Set(["", "identity", "utf-8", "utf8", "us-ascii", "binary"]);

const gunzipAsync = promisify(gunzip);
const gzipAsync = promisify(gzip);

/** Compresses in a thread of its own, with the fastest level: it is the network and the queue that are to be spared. */
export async function compress(body: Uint8Array, encoding: ContentEncoding): Promise<Uint8Array> {
  encoding satisfies "gzip";
  return gzipAsync(body, { level: constants.Z_BEST_SPEED });
}

/**
 * The body as its codec wants it: itself when nothing is compressed, else a promise. One layer only, an encoding that
 * is not known is never guessed at, and what grows beyond either limit is given up at that limit.
 *
 * @throws DeliveryError DECODE_FAILED, from the call or the promise.
 */
export function decompress(
  body: Uint8Array,
  encoding: string | undefined,
  limits: DecompressionLimits = {},
): Uint8Array | Promise<Uint8Array> {
  if (encoding === undefined) return body;
  const name = encoding.trim().toLowerCase();
  if (plain.has(name)) return body;
  if (name === "gzip") return decompressGzip(body, { ...decompressionLimits, ...limits });
  throw new DeliveryError(
    "DECODE_FAILED",
    `no decompression for the content encoding ${JSON.stringify(name)}`,
    {
      context: { contentEncoding: name },
    },
  );
}

async function decompressGzip(
  body: Uint8Array,
  { maxBytes, maxRatio }: Required<DecompressionLimits>,
): Promise<Uint8Array> {
  const byRatio = Math.max(alwaysAllowedBytes, Math.floor(body.byteLength * maxRatio));
  const maxOutputLength = Math.min(maxBytes, byRatio);
  try {
    return await gunzipAsync(body, { maxOutputLength });
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const limit = byRatio < maxBytes ? `${maxRatio} times its size` : `${maxBytes} bytes`;
    throw new DeliveryError(
      "DECODE_FAILED",
      tooLarge ? `the decompressed body is larger than ${limit}` : "the body is not valid gzip",
      { cause, context: { compressedBytes: body.byteLength } },
    );
  }
}
