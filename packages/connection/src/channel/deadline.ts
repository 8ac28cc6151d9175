import { ConnectionError } from "@warren/message";

/**
 * Waits for `answer`, but no longer than `timeoutMs`: nothing on the wire is waited for without a limit.
 *
 * @param signal ends the wait with its reason.
 * @throws ConnectionError RPC_TIMEOUT
 */
export async function withDeadline<T>(
  answer: Promise<T>,
  timeoutMs: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ConnectionError("RPC_TIMEOUT", `no answer to ${what} within ${timeoutMs} ms`, {
          context: { what, timeoutMs },
        }),
      );
    }, timeoutMs);
    if (signal === undefined) return;
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
  }
}
