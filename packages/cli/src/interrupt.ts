import type { Io } from "./io.ts";
import type { Log } from "./log.ts";

/** A command that takes longer than this to finish says what it is doing. */
const tellAfterMs = 1_000;

/**
 * The first SIGINT or SIGTERM asks the command to finish what it has begun (`signal` aborts); the second ends the
 * process at once with 130 or 143, and the broker takes back what is un-acked.
 */
export function interruptOf(
  io: Pick<Io, "onSignal" | "kill">,
  log: Pick<Log, "warn">,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  let telling: NodeJS.Timeout | undefined;
  const stop = io.onSignal((name) => {
    if (controller.signal.aborted) {
      io.kill(name === "SIGINT" ? 130 : 143);
      return;
    }
    telling = setTimeout(() => log.warn("finishing what has begun; once more to stop at once"), tellAfterMs);
    controller.abort(name);
  });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(telling);
      stop();
    },
  };
}
