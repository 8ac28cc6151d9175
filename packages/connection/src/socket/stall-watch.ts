/**
 * Calls `stalled` after the event loop stood still for longer than `limitMs`: nothing was read, no heartbeat was sent
 * meanwhile. It keeps no process alive.
 *
 * @returns what ends the watch.
 */
export function watchStalls(limitMs: number, stalled: (stalledMs: number) => void): () => void {
  const pauseMs = limitMs / 2;
  let expectedAt = performance.now() + pauseMs;
  const timer = setInterval(() => {
    const now = performance.now();
    const late = now - expectedAt;
    expectedAt = now + pauseMs;
    if (late > limitMs) stalled(Math.round(late));
  }, pauseMs);
  timer.unref();
  return () => clearInterval(timer);
}
