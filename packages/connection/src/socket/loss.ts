import { ConnectionError, WarrenError } from "@warren/message";
import { isHeartbeatTimeout, replyIn } from "../channel/broker-refusal.ts";

/** Why an open connection is gone: our own verdict, the broker's words, or what TCP says. */
export function lossOf(thrown: unknown, where: string): WarrenError {
  if (thrown instanceof WarrenError) return thrown;
  const reply = thrown instanceof Error ? replyIn(thrown) : undefined;
  if (reply !== undefined) {
    return new ConnectionError(
      "CONNECTION_LOST",
      `the broker at ${where} closed the connection: ${reply.replyText}`,
      {
        cause: thrown,
        context: reply,
      },
    );
  }
  if (isHeartbeatTimeout(thrown))
    return new ConnectionError("HEARTBEAT_MISSED", `no byte from ${where} for two heartbeats`, {
      cause: thrown,
    });
  const reason = thrown instanceof Error ? thrown.message : "closed by the broker";
  return new ConnectionError("CONNECTION_LOST", `the connection to ${where} was lost: ${reason}`, {
    cause: thrown,
  });
}
