import { type AnyMessage, type Codecs, DeliveryError, markPermanent } from "@warren/message";
import { copyHeaders, decompress, headerLimits, schemaError, validate } from "@warren/message/authoring";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { fromLibrary } from "../moving/library-header.ts";

/**
 * The payload as the schema gives it; a promise only when the body is compressed or the schema is asynchronous.
 *
 * @throws DeliveryError DECODE_FAILED or SCHEMA_FAILED, from the call or the promise.
 */
export function decodePayload(
  delivery: IncomingDelivery,
  message: AnyMessage,
  codecs: Codecs,
  maxBodyBytes: number,
): unknown {
  const { contentEncoding } = delivery.wire.properties;
  if (contentEncoding === undefined) return parse(delivery, delivery.body, message, codecs);
  const body = decompress(delivery.body, contentEncoding, { maxBytes: maxBodyBytes });
  return body instanceof Promise
    ? body.then((bytes) => parse(delivery, bytes, message, codecs))
    : parse(delivery, body, message, codecs);
}

/**
 * Without a schema, for handlers that ask for it; what is compressed cannot be had this way.
 *
 * @throws DeliveryError DECODE_FAILED, marked permanent: it is thrown from inside a handler.
 */
export function decodeUnchecked(delivery: IncomingDelivery, codecs: Codecs): unknown {
  try {
    const { contentEncoding } = delivery.wire.properties;
    if (contentEncoding === undefined) return decode(delivery, delivery.body, codecs);
    throw new DeliveryError(
      "DECODE_FAILED",
      `the body says it has the content encoding ${JSON.stringify(contentEncoding)}, so that it is not decoded by itself`,
    );
  } catch (thrown) {
    throw markPermanent(thrown as DeliveryError);
  }
}

/** @throws DeliveryError DECODE_FAILED when the body or the headers are beyond what is handled at all. */
export function checkLimits({ wire }: IncomingDelivery, maxBodyBytes: number): void {
  const { content, properties } = wire;
  if (content.length > maxBodyBytes)
    throw new DeliveryError(
      "DECODE_FAILED",
      `the body has ${content.length} bytes, more than maxBodyBytes ${maxBodyBytes}`,
    );
  const { headers } = properties;
  if (headers === undefined || isPlain(headers)) return;
  const { problem } = copyHeaders(headers, fromLibrary);
  if (problem !== undefined) throw new DeliveryError("DECODE_FAILED", problem);
}

/** Spares most deliveries the walk: nothing nested, and not much of it. */
function isPlain(headers: Readonly<Record<string, unknown>>): boolean {
  let bytes = 0;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (typeof value === "object" && value !== null) return false;
    bytes += name.length + (typeof value === "string" ? value.length : 8);
  }
  return bytes * 4 < headerLimits.maxBytes;
}

function parse(delivery: IncomingDelivery, body: Uint8Array, message: AnyMessage, codecs: Codecs): unknown {
  const result = validate(message, decode(delivery, body, codecs));
  return result instanceof Promise ? result.then((each) => valid(each, message)) : valid(result, message);
}

function valid(result: Awaited<ReturnType<typeof validate>>, message: AnyMessage): unknown {
  if ("issues" in result) throw schemaError("SCHEMA_FAILED", message, result.issues);
  return result.value;
}

/** By the content type, which is never guessed. */
function decode(delivery: IncomingDelivery, body: Uint8Array, codecs: Codecs): unknown {
  try {
    return codecs.for(delivery.wire.properties.contentType).decode(body);
  } catch (thrown) {
    if (thrown instanceof DeliveryError) throw thrown;
    throw new DeliveryError("DECODE_FAILED", "the codec could not decode the body", { cause: thrown });
  }
}
