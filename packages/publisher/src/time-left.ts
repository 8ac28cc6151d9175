/** What is left of a deadline, in whole milliseconds and never nothing. */
export function timeLeft(timeoutMs: number): () => number {
  const deadline = performance.now() + timeoutMs;
  return () => Math.max(1, Math.ceil(deadline - performance.now()));
}
