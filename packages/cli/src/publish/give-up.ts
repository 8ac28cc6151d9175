import { whenAborted } from "../when-aborted.ts";

/**
 * Calls `giveUp` when the connection is lost for good, or `afterMs` after an interrupt: what is still unconfirmed
 * then gets its outcome from that.
 */
export function giveUpAfter(
  afterMs: number,
  interrupt: AbortSignal,
  lost: AbortSignal,
  giveUp: () => Promise<unknown>,
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => void giveUp().catch(() => undefined);
  const stops = [
    whenAborted(lost, now),
    whenAborted(interrupt, () => {
      timer = setTimeout(now, afterMs);
    }),
  ];
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
