import { ConnectionError } from "@warren/message";

/**
 * For an exchange type that it does not know the broker closes the whole connection (503), and who waits for an
 * answer hears only that the channel is gone. Any other error comes back as it is.
 */
export function explainPluginType(error: unknown, exchange: string, type: string): unknown {
  if (!(error instanceof ConnectionError) || !type.startsWith("x-")) return error;
  if (error.code !== "CHANNEL_LOST" && error.code !== "CONNECTION_LOST") return error;
  return new ConnectionError(
    error.code,
    `exchange "${exchange}": the broker closed the connection instead of answering, as it does when no enabled plugin provides the exchange type "${type}"`,
    { cause: error, context: { exchange, type } },
  );
}
