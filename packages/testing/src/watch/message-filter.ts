import type { AnyMessage, Codecs } from "@warren/message";
import { decompress, validate } from "@warren/message/authoring";
import { fieldTable } from "../broker/codec/field-values.ts";
import { TopicRouter } from "../broker/model/routing/topic-router.ts";
import { attemptOf } from "./failure.ts";
import { plainHeaders } from "./plain-headers.ts";
import type { MessagePattern, SpiedFailure, SpiedRetry } from "./spied-message.ts";
import type { Sighting } from "./sighting.ts";

/** What every kind of sighting is shown as; which members mean something is told by the types of each kind. */
export type ShownSighting = SpiedFailure & SpiedRetry;

/** What is asked of a sighting beside its kind. */
export interface Wanted {
  readonly what: AnyMessage | MessagePattern;
  readonly where?: ((payload: never) => boolean) | undefined;
  readonly queue?: string | undefined;
}

/** The sighting as it is shown, where it is wanted. What does not fit the schema is none of that message. */
export async function shownIfWanted(
  sighting: Sighting,
  { what, where, queue }: Wanted,
  codecs: Codecs,
): Promise<ShownSighting | undefined> {
  if (!isOf(what, sighting) || (queue !== undefined && sighting.queue !== queue)) return undefined;
  const decoded = await payloadOf(sighting, what, codecs);
  if (decoded === undefined || where?.(decoded.value as never) === false) return undefined;
  return shown(sighting, decoded.value);
}

/** Why a sighting of that message is not wanted; undefined where it is. */
export async function exclusionOf(
  sighting: Sighting,
  { what, where, queue }: Wanted,
  codecs: Codecs,
): Promise<string | undefined> {
  if (queue !== undefined && sighting.queue !== queue) return `not from the queue ${queue}`;
  const decoded = await payloadOf(sighting, what, codecs);
  if (decoded === undefined) return "does not fit the schema";
  return where?.(decoded.value as never) === false ? "where returned false" : undefined;
}

export function isOf(what: AnyMessage | MessagePattern, { message }: Sighting): boolean {
  const { exchange, routingKey, properties } = message;
  if ("schema" in what)
    return properties.type === undefined
      ? exchange === what.exchange && matchesTopic(what.routingKeyPattern, routingKey)
      : properties.type === what.type;
  return (
    (what.type === undefined || what.type === properties.type) &&
    (what.exchange === undefined || what.exchange === exchange) &&
    (what.routingKey === undefined || what.routingKey === routingKey)
  );
}

async function payloadOf(
  { message: { body, properties } }: Sighting,
  what: AnyMessage | MessagePattern,
  codecs: Codecs,
): Promise<{ readonly value: unknown } | undefined> {
  try {
    const plain = await decompress(body, properties.contentEncoding);
    const value = codecs.for(properties.contentType).decode(plain);
    if (!("schema" in what)) return { value };
    const validation = await validate(what, value);
    return "issues" in validation ? undefined : validation;
  } catch {
    // Whatever a codec or a schema throws: a foreign client's bytes, for which a pattern does not need a codec.
    return "schema" in what ? undefined : { value: body };
  }
}

function shown({ message, queue = "", failure }: Sighting, payload: unknown): ShownSighting {
  const { headers, ...properties } = message.properties;
  return {
    payload,
    body: message.body,
    exchange: message.exchange,
    routingKey: message.routingKey,
    messageId: properties.messageId,
    headers: plainHeaders(headers),
    properties,
    queue,
    attempt: failure?.attempt ?? attemptOf(message),
    reason: failure?.reason ?? "",
    code: failure?.code,
    delayMs: failure?.delayMs,
  };
}

function matchesTopic(pattern: string, routingKey: string): boolean {
  const router = new TopicRouter<true>();
  router.add({ routingKey: pattern, arguments: fieldTable({}) }, true);
  return router.route(routingKey).length > 0;
}
