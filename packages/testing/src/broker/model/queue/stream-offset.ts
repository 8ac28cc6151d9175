import { AmqpError } from "../../amqp-error.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import { integerOf } from "../../codec/field-values.ts";
import type { StreamLog } from "./stream-log.ts";

/** Milliseconds of the units in `7D` and the like. */
const unitMs: Readonly<Record<string, number>> = {
  Y: 365 * 86_400_000,
  M: 30 * 86_400_000,
  D: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
};

/**
 * Where a consumer of a stream begins: `x-stream-offset` is "first", "last", "next", an offset, a timestamp or a time ago
 * such as "1h"; "next" where it is absent. RabbitMQ begins "last" and times with the whole chunk that has the message,
 * which depends on what came in together; here it is the message itself.
 *
 * @throws AmqpError 406 for a text that begins with a digit and is no time; 541 for all else, as RabbitMQ fails over it.
 */
export function startOffset(
  args: FieldTable,
  log: StreamLog,
  nowMs: number,
  place: { readonly queueName: string; readonly vhost: string },
): number {
  const field = args.get("x-stream-offset");
  if (field === undefined) return log.endOffset;
  const offset = integerOf(field);
  if (offset !== undefined) return Math.max(offset, log.firstOffset);
  if (field.type === "timestamp") return log.offsetAt(Number(field.value) * 1000);
  if (field.type !== "longstr") throw new AmqpError(541, "");
  const text = field.value.toString("utf8");
  switch (text) {
    case "first":
      return log.firstOffset;
    case "last":
      return Math.max(log.firstOffset, log.endOffset - 1);
    case "next":
      return log.endOffset;
    default: {
      const agoMs = durationMs(text);
      if (agoMs !== undefined) return log.offsetAt(nowMs - agoMs);
      if (!/^\d/.test(text)) throw new AmqpError(541, "");
      throw new AmqpError(
        406,
        `invalid arg 'x-stream-offset' for queue '${place.queueName}' in vhost '${place.vhost}': ` +
          `{invalid_stream_offset_arg,{longstr,<<"${text}">>}}`,
      );
    }
  }
}

/** Of `7D`; undefined for what is none. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d+)([YMDhms])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * unitMs[match[2]!]!;
}
