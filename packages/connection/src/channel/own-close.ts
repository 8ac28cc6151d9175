import type { Channel } from "amqplib";

/** How amqplib closes a channel. */
interface Internals {
  readonly ch: number;
  readonly connection: { readonly channels: readonly ({ readonly channel: object } | null)[] };
  closeWithError(id: number | undefined, reason: string, code: number, error: Error): void;
}

/**
 * Tells when amqplib closes the channel itself, over frames that it cannot take. Its own events tell that only once the
 * peer has agreed, which one that sends such frames may never do.
 *
 * @param closed must not throw; called at once for a channel that was closed in the same read as it was opened.
 */
export function onOwnClose(channel: Channel, closed: (error: Error) => void): void {
  const internals = channel as unknown as Internals;
  const closeWithError = internals.closeWithError.bind(channel);
  internals.closeWithError = (id, reason, code, error) => {
    closeWithError(id, reason, code, error);
    closed(error);
  };
  if (isClosing(internals)) closed(new Error("it could not be read as soon as it was open"));
}

/** Between its end and the peer's agreement amqplib accepts frames in another way, and keeps the number. */
function isClosing(internals: Internals): boolean {
  const { channel } = internals.connection.channels[internals.ch] ?? {};
  return channel === internals && Object.hasOwn(internals, "accept");
}
