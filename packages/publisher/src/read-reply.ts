import { fromWireProperties, type WireDelivery } from "@warren/connection";
import {
  type AnyMessage,
  type Codecs,
  DeliveryError,
  type MessageProperties,
  WarrenError,
} from "@warren/message";
import { decompress, schemaError, validate } from "@warren/message/authoring";

/** An answer as it came. */
export interface Reply {
  readonly body: Uint8Array;
  readonly properties: MessageProperties;
}

/** What a responder says about its answer. */
const header = Object.freeze({
  errorCode: "x-warren-error-code",
  errorMessage: "x-warren-error-message",
  last: "x-warren-last-reply",
});

export function toReply({ content, properties }: WireDelivery): Reply {
  return { body: content, properties: fromWireProperties(properties) };
}

/** Whether no further one follows. */
export function isLast({ properties }: Reply): boolean {
  return properties.headers?.[header.last] === true;
}

/** Whether it only says that there are no more: an empty body without a content type. */
export function isBareEnd(reply: Reply): boolean {
  return isLast(reply) && reply.body.byteLength === 0 && reply.properties.contentType === undefined;
}

/** The error that the responder sent instead of an answer, or nothing. */
export function replyError({ properties }: Reply): WarrenError | undefined {
  const code = properties.headers?.[header.errorCode];
  if (typeof code !== "string") return undefined;
  const message = properties.headers?.[header.errorMessage];
  const reason = typeof message === "string" ? message : "";
  return new WarrenError("REPLY_FAILED", `the request failed at the other end: [${code}] ${reason}`, {
    context: { replyErrorCode: code, replyErrorMessage: reason },
  });
}

/**
 * The payload of a reply: decompressed, decoded by its content type, checked by its message's schema.
 *
 * @throws DeliveryError DECODE_FAILED or SCHEMA_FAILED
 */
export async function replyPayload(
  { body, properties }: Reply,
  message: AnyMessage | undefined,
  codecs: Codecs,
): Promise<unknown> {
  const plain = await decompress(body, properties.contentEncoding);
  const payload = codecs.for(properties.contentType ?? message?.contentType).decode(plain);
  if (message === undefined) return payload;
  const result = await validate(message, payload);
  if ("issues" in result) throw schemaError("SCHEMA_FAILED", message, result.issues);
  return result.value;
}

/** A reply that cannot be read is the responder's fault, but an error of this side. */
export function unreadable(thrown: unknown): WarrenError {
  return thrown instanceof WarrenError
    ? thrown
    : new DeliveryError("DECODE_FAILED", "the reply cannot be decoded", { cause: thrown });
}
