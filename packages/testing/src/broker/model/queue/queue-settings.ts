import { textOfBytes } from "../../codec/byte-text.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import type { VersionRules } from "../../version.ts";
import type { QueueDeclaration } from "./queue.ts";

/** What a full queue does with one more message. */
export type Overflow = "drop-head" | "reject-publish" | "reject-publish-dlx";

/** The arguments of a queue, read. They were checked when it was declared. */
export interface QueueSettings {
  readonly kind: "classic" | "quorum" | "stream";
  readonly maxLength: number | undefined;
  readonly maxLengthBytes: number | undefined;
  readonly overflow: Overflow;
  readonly messageTtlMs: number | undefined;
  readonly expiresMs: number | undefined;
  /** "" for the default exchange, undefined for none. */
  readonly deadLetterExchange: string | undefined;
  readonly deadLetterRoutingKey: string | undefined;
  readonly keepsDeadLetters: boolean;
  /** How often a message may come back; undefined for as often as it likes. */
  readonly deliveryLimit: number | undefined;
  readonly maxPriority: number | undefined;
  readonly singleActiveConsumer: boolean;
  /** `7D`, as streams are told. */
  readonly maxAge: string | undefined;
  /** `x-stream-max-segment-size-bytes`. */
  readonly segmentBytes: number | undefined;
}

export function readSettings(declaration: QueueDeclaration, rules: VersionRules): QueueSettings {
  const table = declaration.arguments;
  const overflow = (textArgument(table, "x-overflow") ?? "drop-head") as Overflow;
  return {
    kind: (textArgument(table, "x-queue-type") ?? "classic") as QueueSettings["kind"],
    maxLength: integerArgument(table, "x-max-length"),
    maxLengthBytes: integerArgument(table, "x-max-length-bytes"),
    overflow,
    messageTtlMs: integerArgument(table, "x-message-ttl"),
    expiresMs: integerArgument(table, "x-expires"),
    deadLetterExchange: textArgument(table, "x-dead-letter-exchange"),
    deadLetterRoutingKey: textArgument(table, "x-dead-letter-routing-key"),
    keepsDeadLetters:
      textArgument(table, "x-dead-letter-strategy") === "at-least-once" && overflow === "reject-publish",
    deliveryLimit: deliveryLimit(integerArgument(table, "x-delivery-limit"), rules),
    maxPriority: integerArgument(table, "x-max-priority"),
    singleActiveConsumer: booleanArgument(table, "x-single-active-consumer"),
    maxAge: textArgument(table, "x-max-age"),
    segmentBytes: integerArgument(table, "x-stream-max-segment-size-bytes"),
  };
}

function deliveryLimit(asked: number | undefined, rules: VersionRules): number | undefined {
  if (asked === undefined) return rules.defaultDeliveryLimit;
  return asked < 0 && rules.negativeDeliveryLimitIsNone ? undefined : asked;
}

/** Of any integer type; undefined where it is absent or none. */
export function integerArgument(table: FieldTable, key: string): number | undefined {
  const field = table.get(key);
  switch (field?.type) {
    case "int8":
    case "uint8":
    case "int16":
    case "uint16":
    case "int32":
    case "uint32":
      return field.value;
    case "int64":
      return Number(field.value);
    default:
      return undefined;
  }
}

export function textArgument(table: FieldTable, key: string): string | undefined {
  const field = table.get(key);
  return field?.type === "longstr" ? textOfBytes(field.value, 0, field.value.length) : undefined;
}

function booleanArgument(table: FieldTable, key: string): boolean {
  const field = table.get(key);
  return field?.type === "boolean" && field.value;
}
