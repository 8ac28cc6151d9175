/** Resolves when its time is over, when the signal aborts, or when `untilCalled` hands out its function and that is called. */
export function pause(
  delayMs: number,
  signal: AbortSignal,
  untilCalled?: (end: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
    untilCalled?.(end);
  });
}
