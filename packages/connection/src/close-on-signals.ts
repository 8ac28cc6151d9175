/** Closes `target` on the first of these signals, then lets the signal do what it would have done. */
export function closeOnSignals(
  target: { close(): Promise<void> },
  signals: readonly NodeJS.Signals[],
): Disposable {
  let closing = false;
  const stop = (): void => {
    for (const signal of signals) process.off(signal, received);
  };
  const received = (signal: NodeJS.Signals): void => {
    const end = (): void => {
      stop();
      // Whoever else listens decides about the end of the process; else the signal ends it, with its exit code.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    if (closing) return end();
    closing = true;
    void target.close().finally(end);
  };
  for (const signal of signals) process.on(signal, received);
  return { [Symbol.dispose]: stop };
}
