import {
  type AnyMessage,
  type Headers,
  type MessageProperties,
  type Publishing,
  schemaError,
  validate,
  type Validation,
} from "@warren/message";
import type { PublishOptions } from "./publish-options.ts";
import type { ResolvedPublisherOptions } from "./publisher-options.ts";

/**
 * The publishing of one message: checked against its schema, encoded, its properties filled in. The wire carries what
 * the caller gave, the schema's input; the routing key is filled from the schema's output. A promise only when the
 * schema is asynchronous.
 *
 * @throws WarrenError PUBLISH_INVALID
 */
export function encode(
  message: AnyMessage,
  payload: unknown,
  options: PublishOptions | undefined,
  publisher: ResolvedPublisherOptions,
): Publishing | Promise<Publishing> {
  if (!publisher.validate) return toPublishing(message, payload, payload, options, publisher);
  const validation = validate(message, payload);
  return validation instanceof Promise
    ? validation.then((result) => toPublishing(message, payload, accept(message, result), options, publisher))
    : toPublishing(message, payload, accept(message, validation), options, publisher);
}

function accept(message: AnyMessage, result: Validation): unknown {
  if ("issues" in result) throw schemaError("PUBLISH_INVALID", message, result.issues);
  return result.value;
}

function toPublishing(
  message: AnyMessage,
  payload: unknown,
  output: unknown,
  options: PublishOptions | undefined,
  publisher: ResolvedPublisherOptions,
): Publishing {
  const { exchange, type, contentType } = message;
  const body = publisher.codecs.for(contentType).encode(payload);
  const routingKey = options?.routingKey ?? message.routingKeyFor(output);
  return filledIn(
    {
      exchange,
      routingKey,
      type,
      contentType,
      body,
      contentEncoding: undefined,
      mandatory: options?.mandatory,
    },
    options ?? {},
    publisher,
  );
}

/** Adds what every publishing has: id, time, application and trace. What the caller set stays. */
export function fillIn(publishing: Publishing, publisher: ResolvedPublisherOptions): Publishing {
  return filledIn(
    {
      exchange: publishing.exchange,
      routingKey: publishing.routingKey,
      type: publishing.type,
      contentType: publishing.contentType,
      contentEncoding: publishing.contentEncoding,
      body: publishing.body,
      mandatory: publishing.mandatory,
    },
    publishing,
    publisher,
  );
}

interface Content {
  readonly exchange: string;
  readonly routingKey: string;
  readonly type: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly body: Uint8Array;
  readonly mandatory: boolean | undefined;
}

/** Written out: spreading objects costs more here than everything else between the call and the socket. */
function filledIn(content: Content, own: MessageProperties, publisher: ResolvedPublisherOptions): Publishing {
  const filled: { readonly [Name in keyof Publishing]: Publishing[Name] | undefined } = {
    exchange: content.exchange,
    routingKey: content.routingKey,
    body: content.body,
    mandatory: content.mandatory,
    contentType: content.contentType,
    contentEncoding: content.contentEncoding,
    persistent: own.persistent,
    priority: own.priority,
    correlationId: own.correlationId,
    replyTo: own.replyTo,
    expirationMs: own.expirationMs,
    messageId: own.messageId ?? publisher.messageId(),
    timestamp: own.timestamp ?? new Date(),
    type: content.type,
    userId: own.userId,
    appId: own.appId ?? publisher.appId,
    headers: withTrace(own.headers, publisher.traceHeaders?.()),
  };
  return filled as Publishing;
}

function withTrace(own: Headers | undefined, trace: Headers | undefined): Headers | undefined {
  return own === undefined || trace === undefined ? (own ?? trace) : { ...trace, ...own };
}
