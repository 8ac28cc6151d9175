import { setTimeout as sleep } from "node:timers/promises";

/** A new token is fetched when this part of its life is over. */
const usedShare = 0.8;
const retryMs = 5_000;
const maxTimerMs = 2 ** 31 - 1;

export interface TokenRefreshOptions {
  readonly expiresAt: Date;
  /** Fetches a token, gives it to the broker and says when it ends. */
  readonly renew: () => Promise<Date | undefined>;
  /** The old token is still good for a while; `renew` is called again. */
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
  /** Waits. @default a timer that keeps no process alive */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Keeps a connection's OAuth token fresh until the signal aborts or a token has no end. Never rejects. */
export async function keepTokenFresh(options: TokenRefreshOptions): Promise<void> {
  const { expiresAt, renew, failed, signal, pause = timer } = options;
  let end: Date | undefined = expiresAt;
  let pauseMs = pauseFor(expiresAt);
  while (end !== undefined) {
    await pause(pauseMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      end = await renew();
      if (end !== undefined) pauseMs = pauseFor(end);
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      pauseMs = retryMs;
    }
  }
}

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal, ref: false });
}

/** A token that has ended already is renewed soon, never in a busy loop. */
function pauseFor(expiresAt: Date): number {
  const leftMs = expiresAt.getTime() - Date.now();
  return Math.min(maxTimerMs, Math.max(1_000, leftMs * usedShare));
}
