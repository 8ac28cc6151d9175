import type { WarrenError } from "@warren/message";
import type { Channel } from "amqplib";
import { toWarrenError } from "./broker-refusal.ts";
import { explainedLoss } from "./broker-refusal-of-connection.ts";
import { closingOf } from "./channel-guard.ts";
import { withDeadline } from "./deadline.ts";

/**
 * The channel, unless the broker takes longer than `timeoutMs` to open it. One that comes later is closed.
 *
 * @param connectionRefusal why the broker has closed the connection meanwhile, if it has.
 * @param unanswered its number stays taken until this promise ends.
 * @throws BrokerError, ConnectionError RPC_TIMEOUT or CHANNEL_LOST
 */
export async function openedInTime(
  opening: Promise<Channel>,
  timeoutMs: number,
  connectionRefusal: () => WarrenError | undefined,
  unanswered: (answer: Promise<unknown>) => void,
): Promise<Channel> {
  try {
    return await withDeadline(opening, timeoutMs, "channel.open");
  } catch (thrown) {
    const error = toWarrenError(thrown);
    const answer = opening.then(discard);
    answer.catch(() => undefined);
    if (error.code === "RPC_TIMEOUT") unanswered(answer);
    throw explainedLoss(error, connectionRefusal());
  }
}

function discard(channel: Channel): Promise<void> {
  channel.on("error", () => undefined);
  return closingOf(channel);
}
