import { bytesOfText } from "../../codec/byte-text.ts";
import type { FieldTable, FieldValue } from "../../codec/field-table.ts";

/** Why a message left its queue for a dead-letter exchange. */
export type DeathReason = "rejected" | "expired" | "maxlen" | "delivery_limit";

/** A message's end in one queue. */
export interface Death {
  readonly reason: DeathReason;
  readonly queue: string;
  /** That it was published to. */
  readonly exchange: string;
  readonly routingKeys: readonly string[];
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
  /** `expiration`, which it loses. */
  readonly expiration: string | undefined;
}

/** In which order an entry has its fields: RabbitMQ 3.10 sorts those that it adds to others. */
export type EntryOrder = "first-of-3.10" | "sorted" | "4.0";

const fieldsOf: Readonly<Record<EntryOrder, readonly string[]>> = {
  "first-of-3.10": ["count", "reason", "queue", "time", "exchange", "routing-keys", "original-expiration"],
  sorted: ["count", "exchange", "original-expiration", "queue", "reason", "routing-keys", "time"],
  "4.0": ["original-expiration", "count", "reason", "queue", "time", "exchange", "routing-keys"],
};

/**
 * The entries of `x-death` after one more death, the last one first. A queue and a reason have one entry: dying again
 * moves it to the front and counts, and all else in it stays as it was the first time.
 */
export function addDeath(
  earlier: readonly FieldTable[],
  death: Death,
  order: EntryOrder,
): readonly FieldTable[] {
  const known = earlier.find(
    (entry) => textOf(entry, "queue") === death.queue && textOf(entry, "reason") === death.reason,
  );
  const entry = new Map(known ?? firstEntry(death)).set("count", {
    type: "int64",
    value: countOf(known) + 1n,
  });
  return [ordered(entry, fieldsOf[order]), ...earlier.filter((other) => other !== known)];
}

/** The entries of a message's `x-death`; undefined without such a header or with one that is no array. */
export function deathsIn(headers: FieldTable | undefined): readonly FieldTable[] | undefined {
  const field = headers?.get("x-death");
  if (field?.type !== "array") return undefined;
  return field.value.flatMap((entry) => (entry.type === "table" ? [entry.value] : []));
}

/** Whether a message with those deaths that comes to that queue has gone round without anybody's rejection. */
export function closesCycle(deaths: readonly FieldTable[], queueName: string): boolean {
  const before = deaths.findIndex((death) => textOf(death, "queue") === queueName);
  return before >= 0 && deaths.slice(0, before + 1).every((death) => textOf(death, "reason") !== "rejected");
}

function firstEntry(death: Death): FieldTable {
  const entry = new Map<string, FieldValue>([
    ["reason", text(death.reason)],
    ["queue", text(death.queue)],
    ["time", { type: "timestamp", value: BigInt(death.timeSeconds) }],
    ["exchange", text(death.exchange)],
    ["routing-keys", { type: "array", value: death.routingKeys.map(text) }],
  ]);
  if (death.expiration !== undefined) entry.set("original-expiration", text(death.expiration));
  return entry;
}

/** With what is unknown at the end. */
function ordered(entry: FieldTable, keys: readonly string[]): FieldTable {
  const result = new Map<string, FieldValue>();
  for (const key of [...keys, ...entry.keys()]) {
    const value = entry.get(key);
    if (value !== undefined) result.set(key, value);
  }
  return result;
}

/** Of whatever integer type: a client that sent it back may have made another of it. */
function countOf(entry: FieldTable | undefined): bigint {
  const count = entry?.get("count");
  return count !== undefined && "value" in count && Number.isInteger(Number(count.value))
    ? BigInt(Number(count.value))
    : 0n;
}

function textOf(table: FieldTable, key: string): string | undefined {
  const field = table.get(key);
  return field?.type === "longstr" ? field.value.toString("utf8") : undefined;
}

/** Of names and routing keys, which may be no UTF-8. */
export function text(value: string): FieldValue {
  return { type: "longstr", value: bytesOfText(value) };
}
