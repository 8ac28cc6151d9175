import type { StandardSchemaV1 } from "@standard-schema/spec";
import { unknownName } from "./closest-name.ts";
import { ConfigError } from "./errors.ts";
import { type PatternOf, type RoutingKeyOf, parseRoutingKey } from "./routing-key.ts";

/**
 * A kind of message: its name on the wire, where it goes, and what its payload is. A plain value that the
 * publisher and the consumer share.
 */
export interface Message<
  Type extends string = string,
  Input = unknown,
  Output = Input,
  Exchange extends string = string,
  Key extends string = string,
> {
  /** The `type` property on the wire, by which a consumer finds the handler. */
  readonly type: Type;
  readonly exchange: Exchange;
  /** The template, e.g. `order.placed.{region}`. */
  readonly routingKey: Key;
  /** The binding pattern that receives every such message, e.g. `order.placed.*`. */
  readonly routingKeyPattern: PatternOf<Key>;
  readonly contentType: string;
  readonly schema: StandardSchemaV1<Input, Output>;
  /**
   * The routing key of one payload. A method, so that a message of a narrower payload is assignable to AnyMessage.
   *
   * @throws WarrenError PUBLISH_INVALID when a placeholder's value is missing, empty or holds a ".".
   */
  routingKeyFor(payload: Output): string;
}

/** Any message at all, for code that passes messages on. */
// oxlint-disable-next-line typescript/no-explicit-any -- `any` is what lets every payload type be assigned.
export type AnyMessage = Message<string, any, any>;

/** What a handler receives: the schema's output. */
export type PayloadOf<M extends AnyMessage> = StandardSchemaV1.InferOutput<M["schema"]>;

/** What `publish` takes and the wire carries: the schema's input. */
export type InputOf<M extends AnyMessage> = StandardSchemaV1.InferInput<M["schema"]>;

export interface MessageDefinition<
  Type extends string,
  Schema extends StandardSchemaV1,
  Exchange extends string,
  Key extends string,
> {
  /** The `type` property on the wire, at most 255 bytes; unique among the messages of a consumer. */
  readonly type: Type;
  /** The exchange that the message is published to; "" is the default exchange, where the routing key is a queue's name. */
  readonly exchange: Exchange;
  /** The routing key; `{name}` stands for that property of the payload and must be a whole word between dots. */
  readonly routingKey: RoutingKeyOf<Key, StandardSchemaV1.InferOutput<Schema>>;
  /** What the payload is: any Standard Schema validator (zod, valibot, arktype …). */
  readonly schema: Schema;
  /** Which codec encodes the payload. @default "application/json" */
  readonly contentType?: string;
}

const known = ["type", "exchange", "routingKey", "schema", "contentType"];

/**
 * Defines a kind of message. Nothing is sent; the value is what `publish` and `on` take, and it types both.
 *
 * @throws ConfigError INVALID_MESSAGE, listing everything that is wrong with the definition.
 */
export function defineMessage<
  const Type extends string,
  Schema extends StandardSchemaV1,
  const Exchange extends string,
  const Key extends string,
>(
  definition: MessageDefinition<Type, Schema, Exchange, Key>,
): Message<Type, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, Exchange, Key> {
  if (typeof definition !== "object" || definition === null)
    throw new ConfigError(
      "INVALID_MESSAGE",
      "defineMessage takes an object with type, exchange, routingKey, schema",
    );
  const { type, exchange, routingKey, schema, contentType = "application/json" } = definition;
  const problems: string[] = [];
  const complain = (problem: string): number =>
    problems.push(`defineMessage ${JSON.stringify(type)}: ${problem}`);

  for (const name of Object.keys(definition)) {
    if (!known.includes(name)) complain(unknownName("property", name, known));
  }
  if (!isShortString(type) || type === "") complain("type must be a text of 1 to 255 bytes");
  if (!isShortString(exchange)) complain("exchange must be a text of at most 255 bytes");
  if (!isShortString(contentType) || contentType === "")
    complain("contentType must be a text of 1 to 255 bytes");
  if (typeof schema?.["~standard"]?.validate !== "function") {
    complain("schema must be a Standard Schema (zod 3.24+, valibot 1+, arktype 2+ …)");
  }
  const template =
    typeof routingKey === "string" ? parseRoutingKey(routingKey) : { problem: "must be a text" };
  if ("problem" in template) complain(`routingKey ${JSON.stringify(routingKey)} ${template.problem}`);
  if (problems.length > 0 || "problem" in template) throw new ConfigError("INVALID_MESSAGE", problems);

  return Object.freeze({
    type,
    exchange,
    routingKey: routingKey as string as Key,
    routingKeyPattern: template.pattern as PatternOf<Key>,
    contentType,
    schema,
    routingKeyFor: (payload: unknown) => template.keyFor(payload),
  });
}

function isShortString(value: unknown): boolean {
  return typeof value === "string" && Buffer.byteLength(value) <= 255;
}
