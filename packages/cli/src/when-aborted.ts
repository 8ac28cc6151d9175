/** Calls back when the signal aborts, or at once if it has. Returns what takes that back. */
export function whenAborted(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) call();
  else signal.addEventListener("abort", call, { once: true });
  return () => signal.removeEventListener("abort", call);
}
