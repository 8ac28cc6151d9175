import type { Io } from "./io.ts";

/**
 * The first SIGINT or SIGTERM asks the command to finish what it has begun (`signal` aborts); the second ends the
 * process at once with 130 or 143, and the broker takes back what is un-acked.
 */
export function interruptOf(
  io: Pick<Io, "onSignal" | "kill">,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stop = io.onSignal((name) => {
    if (controller.signal.aborted) io.kill(name === "SIGINT" ? 130 : 143);
    else controller.abort(name);
  });
  return { signal: controller.signal, [Symbol.dispose]: stop };
}
