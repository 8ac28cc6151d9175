import {
  type AnyMessage,
  type Codecs,
  decompress,
  DeliveryError,
  schemaError,
  validate,
} from "@warren/message";
import type { IncomingDelivery } from "./incoming-delivery.ts";

/**
 * The payload as the schema gives it; a promise only when the body is compressed or the schema is asynchronous.
 *
 * @throws DeliveryError DECODE_FAILED, or WarrenError SCHEMA_FAILED, from the call or the promise.
 */
export function decodePayload(delivery: IncomingDelivery, message: AnyMessage, codecs: Codecs): unknown {
  const { contentEncoding } = delivery.wire.properties;
  if (contentEncoding === undefined) return parse(delivery, delivery.body, message, codecs);
  const body = decompress(delivery.body, contentEncoding);
  return body instanceof Promise
    ? body.then((bytes) => parse(delivery, bytes, message, codecs))
    : parse(delivery, body, message, codecs);
}

function parse(delivery: IncomingDelivery, body: Uint8Array, message: AnyMessage, codecs: Codecs): unknown {
  const decoded = decodeBody(delivery, body, codecs);
  const result = validate(message, decoded);
  return result instanceof Promise ? result.then((each) => valid(each, message)) : valid(result, message);
}

function valid(result: Awaited<ReturnType<typeof validate>>, message: AnyMessage): unknown {
  if ("issues" in result) throw schemaError("SCHEMA_FAILED", message, result.issues);
  return result.value;
}

/** By the content type, which is never guessed. */
export function decodeBody(delivery: IncomingDelivery, body: Uint8Array, codecs: Codecs): unknown {
  try {
    return codecs.for(delivery.wire.properties.contentType).decode(body);
  } catch (thrown) {
    if (thrown instanceof DeliveryError) throw thrown;
    throw new DeliveryError("DECODE_FAILED", "the codec could not decode the body", { cause: thrown });
  }
}
