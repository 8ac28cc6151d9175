/** What is watched: a counter that moves with every byte, and what is done when it stands still. */
export interface SilenceWatchOptions {
  readonly heartbeatMs: number;
  readonly bytesRead: () => number;
  readonly silent: (silentMs: number) => void;
}

/** Looks per heartbeat: silence is noticed at most this part of a heartbeat after the second one. */
const looks = 4;

/**
 * Calls `silent` once when no byte has come for two heartbeats; RabbitMQ sends one at least every heartbeat.
 *
 * A look that comes late proves nothing: the event loop stood still, and the bytes may wait in the kernel. They are
 * read before the next look, so that one decides.
 *
 * @returns what ends the watch.
 */
export function watchSilence({ heartbeatMs, bytesRead, silent }: SilenceWatchOptions): () => void {
  const pauseMs = heartbeatMs / looks;
  let bytes = bytesRead();
  let heardAt = performance.now();
  let lookedAt = heardAt;
  const timer = setInterval(() => {
    const now = performance.now();
    const onTime = now - lookedAt < 2 * pauseMs;
    lookedAt = now;
    if (bytesRead() !== bytes) {
      bytes = bytesRead();
      heardAt = now;
    } else if (onTime && now - heardAt >= 2 * heartbeatMs) {
      clearInterval(timer);
      silent(Math.round(now - heardAt));
    }
  }, pauseMs);
  return () => clearInterval(timer);
}
