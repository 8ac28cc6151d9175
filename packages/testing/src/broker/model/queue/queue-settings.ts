import { booleanOf, integerOf, textOf } from "../../codec/field-values.ts";
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
  const args = declaration.arguments;
  const overflow = (textOf(args.get("x-overflow")) ?? "drop-head") as Overflow;
  return {
    kind: (textOf(args.get("x-queue-type")) ?? "classic") as QueueSettings["kind"],
    maxLength: integerOf(args.get("x-max-length")),
    maxLengthBytes: integerOf(args.get("x-max-length-bytes")),
    overflow,
    messageTtlMs: integerOf(args.get("x-message-ttl")),
    expiresMs: integerOf(args.get("x-expires")),
    deadLetterExchange: textOf(args.get("x-dead-letter-exchange")),
    deadLetterRoutingKey: textOf(args.get("x-dead-letter-routing-key")),
    keepsDeadLetters:
      textOf(args.get("x-dead-letter-strategy")) === "at-least-once" && overflow === "reject-publish",
    deliveryLimit: deliveryLimit(integerOf(args.get("x-delivery-limit")), rules),
    maxPriority: integerOf(args.get("x-max-priority")),
    singleActiveConsumer: booleanOf(args.get("x-single-active-consumer")) ?? false,
    maxAge: textOf(args.get("x-max-age")),
    segmentBytes: integerOf(args.get("x-stream-max-segment-size-bytes")),
  };
}

function deliveryLimit(asked: number | undefined, rules: VersionRules): number | undefined {
  if (asked === undefined) return rules.defaultDeliveryLimit;
  return asked < 0 && rules.negativeDeliveryLimitIsNone ? undefined : asked;
}
