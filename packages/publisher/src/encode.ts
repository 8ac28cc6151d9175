import {
  type AnyMessage,
  type Headers,
  type MessageProperties,
  type Publishing,
  WarrenError,
} from "@warren/message";
import {
  anObject,
  copyHeaders,
  reservedHeaderProblem,
  schemaError,
  shownValue,
  validate,
  type Validation,
} from "@warren/message/authoring";
import { checkGiven, invalid } from "./check-given.ts";
import { headersProblems, type PublishOptions, publishingRules } from "./publish-options.ts";
import type { ResolvedPublisherOptions } from "./publisher-options.ts";
import { isMessage, type Sendable } from "./sendable.ts";

/** What is sent once its asynchronous schema has ended. */
export class Unvalidated {
  /** Of its body, which is there already. */
  readonly bytes: number;
  readonly publishing: Promise<Publishing>;

  constructor(bytes: number, publishing: Promise<Publishing>) {
    this.bytes = bytes;
    this.publishing = publishing;
  }

  /** Nobody will ask how its schema ended. */
  abandon(): void {
    this.publishing.catch(() => undefined);
  }
}

const noProperties: MessageProperties = Object.freeze({});

/**
 * What is sent for a call.
 *
 * @throws WarrenError PUBLISH_INVALID
 */
export function prepare(
  what: Sendable,
  payload: unknown,
  options: PublishOptions | undefined,
  publisher: ResolvedPublisherOptions,
): Publishing | Unvalidated {
  return isMessage(what) ? encode(what, payload, options, publisher) : complete(what, publisher);
}

/**
 * The publishing of one message: checked against its schema, encoded, its properties filled in. The wire carries what the caller gave, the schema's input; the routing key is filled from the schema's output.
 * Unvalidated only when the schema is asynchronous.
 */
function encode(
  message: AnyMessage,
  payload: unknown,
  options: PublishOptions | undefined,
  publisher: ResolvedPublisherOptions,
): Publishing | Unvalidated {
  if (!publisher.validate)
    return toPublishing(message, payload, keyOf(message, payload, options), options, publisher);
  const validation = validate(message, payload);
  if (validation instanceof Promise) return encodeNow(message, payload, validation, options, publisher);
  const output = accept(message, validation);
  return toPublishing(message, payload, keyOf(message, output, options), options, publisher);
}

/** The caller may change the payload and the options while the schema runs: they are taken as they are at the call. */
function encodeNow(
  message: AnyMessage,
  payload: unknown,
  validation: Promise<Validation>,
  options: PublishOptions | undefined,
  publisher: ResolvedPublisherOptions,
): Unvalidated {
  const output = validation.then((result) => accept(message, result));
  try {
    const given = options?.routingKey;
    const publishing = detached(toPublishing(message, payload, given ?? "", options, publisher));
    return new Unvalidated(
      publishing.body.byteLength,
      output.then((value) =>
        given === undefined ? { ...publishing, routingKey: message.routingKeyFor(value) } : publishing,
      ),
    );
  } catch (error) {
    // What its schema says about the payload comes first.
    const failing = output.then(() => {
      throw error;
    });
    return new Unvalidated(0, failing);
  }
}

/** Shares no headers and no date with its caller. */
export function detached(publishing: Publishing): Publishing {
  const { headers, timestamp } = publishing;
  const own = headers === undefined ? undefined : copyHeaders(headers);
  if (own?.problem !== undefined) throw new WarrenError("PUBLISH_INVALID", own.problem);
  return {
    ...publishing,
    ...(own === undefined ? {} : { headers: own.headers }),
    ...(timestamp === undefined ? {} : { timestamp: new Date(timestamp) }),
  };
}

/** The same for a publishing whose bytes are given. */
function complete(publishing: Publishing, publisher: ResolvedPublisherOptions): Publishing {
  checkGiven(publishing, publishingRules);
  const { exchange, routingKey, body, type, contentType, contentEncoding, mandatory } = publishing;
  return fillIn(
    { exchange, routingKey, body, type, contentType, contentEncoding, mandatory },
    publishing,
    publisher,
  );
}

function accept(message: AnyMessage, result: Validation): unknown {
  if ("issues" in result) throw schemaError("PUBLISH_INVALID", message, result.issues);
  return result.value;
}

function toPublishing(
  message: AnyMessage,
  payload: unknown,
  routingKey: string,
  options: PublishOptions | undefined,
  publisher: ResolvedPublisherOptions,
): Publishing {
  const { exchange, type, contentType } = message;
  const body = publisher.codecs.for(contentType).encode(payload);
  const mandatory = options?.mandatory;
  const content = { exchange, routingKey, type, contentType, body, contentEncoding: undefined, mandatory };
  return fillIn(content, options ?? noProperties, publisher);
}

function keyOf(message: AnyMessage, output: unknown, options: PublishOptions | undefined): string {
  return options?.routingKey ?? message.routingKeyFor(output);
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

/**
 * Adds what every publishing has: id, time, application and trace. What the caller set stays. Written out, since
 * spreading objects costs more here than everything else between the call and the socket.
 */
function fillIn(content: Content, own: MessageProperties, publisher: ResolvedPublisherOptions): Publishing {
  const headers = withTrace(own.headers, publisher.traceHeaders?.());
  if (headers !== undefined && reservedHeaderProblem(headers) !== undefined)
    throw invalid(headersProblems(headers));
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
    headers,
  };
  return filled as Publishing;
}

function withTrace(own: Headers | undefined, trace: Headers | undefined): Headers | undefined {
  if (trace === undefined) return own;
  if (anObject(trace) !== undefined)
    throw new WarrenError("PUBLISH_INVALID", `traceHeaders gave ${shownValue(trace)} instead of headers`);
  return own === undefined ? trace : { ...trace, ...own };
}
