import { BrokerError } from "@warren/message";
import type { WireChannel } from "../channel/wire-channel.ts";

/** A connection, as far as errands go. */
export interface ErrandPort {
  withChannel<Result>(use: (channel: WireChannel) => Promise<Result>): Promise<Result>;
}

/** Looks for an exchange on a channel of its own, which the broker closes when there is none. */
export async function checkExchange(
  connection: ErrandPort,
  exchange: string,
): Promise<BrokerError | "unknown" | undefined> {
  try {
    await connection.withChannel((channel) => channel.checkExchange(exchange));
    return undefined;
  } catch (error) {
    return error instanceof BrokerError ? error : "unknown";
  }
}
