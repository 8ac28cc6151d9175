import type { DeadLetterTarget } from "@warren/connection";

/** Where dead letters of a queue go that is given by its name. */
export type DeadLetterOption =
  | { readonly queue: string }
  | { readonly exchange: string; readonly routingKey?: string };

/** A complaint, or nothing. */
export function deadLetterProblem(value: unknown): string | undefined {
  const wanted = value as { queue?: unknown; exchange?: unknown; routingKey?: unknown };
  const texts = Object.values(wanted ?? {}).every((each) => typeof each === "string");
  const names = Object.keys(wanted ?? {})
    .toSorted()
    .join(" ");
  return texts && ["queue", "exchange", "exchange routingKey"].includes(names)
    ? undefined
    : "must be { queue } or { exchange, routingKey? }";
}

export function deadLetterTarget(wanted: DeadLetterOption): DeadLetterTarget {
  return "queue" in wanted
    ? { exchange: "", routingKey: wanted.queue, queue: wanted.queue }
    : { exchange: wanted.exchange, routingKey: wanted.routingKey, queue: undefined };
}
