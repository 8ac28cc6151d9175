import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import type { Message } from "../message.ts";

/** Why a message left its queue for a dead-letter exchange. */
export type DeathReason = "rejected" | "expired" | "maxlen" | "delivery_limit";

/** One death of a message, as `x-death` has it. */
export interface Death {
  readonly reason: DeathReason;
  readonly queue: string;
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
}

/** The headers of a message after one more death. */
export function withDeath(message: Message, death: Death, routingKeys: readonly string[]): FieldTable {
  const headers = message.properties.headers ?? new Map<string, FieldValue>();
  const earlier = deathsOf(headers);
  const known = earlier.find((entry) => isSame(entry, death));
  const record = new Map<string, FieldValue>([
    ["count", { type: "int64", value: countOf(known) + 1n }],
    ["exchange", text(message.exchange)],
    ["queue", text(death.queue)],
    ["reason", text(death.reason)],
    ["routing-keys", { type: "array", value: routingKeys.map(text) }],
    ["time", { type: "timestamp", value: BigInt(death.timeSeconds) }],
  ]);
  const { expiration } = message.properties;
  if (expiration !== undefined) record.set("original-expiration", text(expiration));
  const result = new Map(headers);
  const others = earlier.filter((entry) => entry !== known);
  result.set("x-death", {
    type: "array",
    value: [record, ...others].map((value) => ({ type: "table", value })),
  });
  if (earlier.length === 0) {
    result.set("x-first-death-exchange", text(message.exchange));
    result.set("x-first-death-queue", text(death.queue));
    result.set("x-first-death-reason", text(death.reason));
  }
  return result;
}

/** The entries of `x-death`, the last death first. */
export function deathsOf(headers: FieldTable | undefined): readonly FieldTable[] {
  const field = headers?.get("x-death");
  if (field?.type !== "array") return [];
  return field.value.flatMap((entry) => (entry.type === "table" ? [entry.value] : []));
}

/**
 * Whether a message that comes to that queue again has gone round without anybody's rejection, by its deaths since.
 */
export function closesCycle(message: Message, queueName: string): boolean {
  const deaths = deathsOf(message.properties.headers);
  const before = deaths.findIndex((death) => textOf(death, "queue") === queueName);
  return before >= 0 && deaths.slice(0, before + 1).every((death) => textOf(death, "reason") !== "rejected");
}

function isSame(entry: FieldTable, death: Death): boolean {
  return textOf(entry, "queue") === death.queue && textOf(entry, "reason") === death.reason;
}

function countOf(entry: FieldTable | undefined): bigint {
  const count = entry?.get("count");
  return count?.type === "int64" ? count.value : 0n;
}

function textOf(table: FieldTable, key: string): string | undefined {
  const field = table.get(key);
  return field?.type === "longstr" ? field.value.toString("utf8") : undefined;
}

function text(value: string): FieldValue {
  return { type: "longstr", value: Buffer.from(value) };
}
