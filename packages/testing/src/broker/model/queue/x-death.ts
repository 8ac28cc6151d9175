import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import { integerOf, int64, longstr, textOf } from "../../codec/field-values.ts";

/** Why a message left its queue for a dead-letter exchange. */
export type DeathReason = "rejected" | "expired" | "maxlen" | "delivery_limit";

/** A message's end in one queue. */
export interface Death {
  readonly reason: DeathReason;
  readonly queue: string;
  readonly queueKind: "classic" | "quorum" | "stream";
  /** That it was published to. */
  readonly exchange: string;
  readonly routingKeys: readonly string[];
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
  /** `expiration`, which it loses. */
  readonly expiration: string | undefined;
}

/** In which order an entry has its fields: RabbitMQ 3.10 sorts those that it adds to others. */
export type FieldOrder = "first-of-3.10" | "sorted" | "4.0";

const fieldsOf: Readonly<Record<FieldOrder, readonly string[]>> = {
  "first-of-3.10": ["count", "reason", "queue", "time", "exchange", "routing-keys", "original-expiration"],
  sorted: ["count", "exchange", "original-expiration", "queue", "reason", "routing-keys", "time"],
  "4.0": ["original-expiration", "count", "reason", "queue", "time", "exchange", "routing-keys"],
};

/** How a version orders what it writes down. */
export interface DeathOrder {
  readonly fields: FieldOrder;
  /** Whether each death turns the order of all other entries around. */
  readonly turnsOthersAround: boolean;
}

/**
 * The entries of `x-death` after one more death, the last one first. A queue and a reason have one entry: dying again
 * moves it to the front and counts, and all else in it stays as it was the first time.
 */
export function addDeath(
  earlier: readonly FieldTable[],
  death: Death,
  { fields, turnsOthersAround }: DeathOrder,
): readonly FieldTable[] {
  const known = earlier.find(
    (entry) => textOf(entry.get("queue")) === death.queue && textOf(entry.get("reason")) === death.reason,
  );
  const entry = new Map(known ?? firstEntry(death)).set("count", oneMore(countOf(known)));
  const others = earlier.filter((other) => other !== known);
  return [ordered(entry, fieldsOf[fields]), ...(turnsOthersAround ? others.toReversed() : others)];
}

/** The entries of a message's `x-death`; undefined without such a header or with one that is no array. */
export function deathsIn(headers: FieldTable | undefined): readonly FieldTable[] | undefined {
  const field = headers?.get("x-death");
  if (field?.type !== "array") return undefined;
  return field.value.flatMap((entry) => (entry.type === "table" ? [entry.value] : []));
}

/** Whether a message with those deaths that comes to that queue has gone round without anybody's rejection. */
export function closesCycle(deaths: readonly FieldTable[], queueName: string): boolean {
  const before = deaths.findIndex((death) => textOf(death.get("queue")) === queueName);
  return (
    before >= 0 && deaths.slice(0, before + 1).every((death) => textOf(death.get("reason")) !== "rejected")
  );
}

function firstEntry(death: Death): FieldTable {
  const entry = new Map<string, FieldValue>([
    ["reason", longstr(death.reason)],
    ["queue", longstr(death.queue)],
    ["time", { type: "timestamp", value: BigInt(death.timeSeconds) }],
    ["exchange", longstr(death.exchange)],
    ["routing-keys", { type: "array", value: death.routingKeys.map(longstr) }],
  ]);
  if (death.expiration !== undefined) entry.set("original-expiration", longstr(death.expiration));
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

/** A client's count may be the largest that there is: it starts over from the smallest. */
function oneMore(count: number): FieldValue {
  return int64(BigInt.asIntN(64, BigInt(count + 1)));
}

/** Of whatever integer type: a client that sent it back may have made another of it. */
function countOf(entry: FieldTable | undefined): number {
  return integerOf(entry?.get("count")) ?? 0;
}
