import {
  type AnyMessage,
  type Headers,
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
  return fillIn({ ...options, exchange, routingKey, type, contentType, body }, publisher);
}

/** Adds what every publishing has: id, time, application and trace. What the caller set stays. */
export function fillIn(publishing: Publishing, publisher: ResolvedPublisherOptions): Publishing {
  const { appId } = publisher;
  const headers = withTrace(publishing.headers, publisher.traceHeaders?.());
  return {
    ...publishing,
    messageId: publishing.messageId ?? publisher.messageId(),
    timestamp: publishing.timestamp ?? new Date(),
    ...(appId === undefined || publishing.appId !== undefined ? {} : { appId }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function withTrace(own: Headers | undefined, trace: Headers | undefined): Headers | undefined {
  return own === undefined || trace === undefined ? (own ?? trace) : { ...trace, ...own };
}
