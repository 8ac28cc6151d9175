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
  const later = (): void => {
    timer = setTimeout(now, afterMs);
  };
  lost.addEventListener("abort", now);
  interrupt.addEventListener("abort", later);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      lost.removeEventListener("abort", now);
      interrupt.removeEventListener("abort", later);
    },
  };
}
