import type { Message } from "amqplib";

/** One entry of `x-death` without its time, which is a timestamp in whole seconds. */
export interface Death {
  readonly queue: string;
  readonly reason: "rejected" | "expired" | "maxlen" | "delivery_limit";
  readonly count: number;
  readonly exchange: string;
  readonly "routing-keys": readonly string[];
  readonly "original-expiration"?: string;
}

/** The `x-death` of a message, the newest first; each time was found to be a timestamp of about now. */
export function deaths(message: Message): Death[] {
  const entries: unknown = message.properties.headers?.["x-death"];
  if (!Array.isArray(entries)) throw new Error(`no x-death, but ${JSON.stringify(entries)}`);
  return entries.map(({ time, ...death }) => {
    const ageSeconds = Date.now() / 1_000 - time?.value;
    if (time?.["!"] !== "timestamp" || !(Math.abs(ageSeconds) < 60))
      throw new Error(`no time of death, but ${JSON.stringify(time)}`);
    return death;
  });
}

/** The headers of a message but for `x-death`. */
export function otherHeaders(message: Message): Record<string, unknown> {
  const { "x-death": _, ...others } = message.properties.headers ?? {};
  return others;
}
