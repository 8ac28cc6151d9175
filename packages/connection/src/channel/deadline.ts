import { ConnectionError } from "@warren/message";

/**
 * Waits for `answer`, but no longer than `timeoutMs`: nothing on the wire is waited for without a limit.
 *
 * @throws ConnectionError RPC_TIMEOUT
 */
export async function withDeadline<T>(answer: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ConnectionError("RPC_TIMEOUT", `the broker did not answer ${what} within ${timeoutMs} ms`, {
          context: { what, timeoutMs },
        }),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
