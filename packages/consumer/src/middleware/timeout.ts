import { DeliveryError, type Middleware } from "@warren/message";
import { anInteger, resolveOptions } from "@warren/message/authoring";
import { changeDelivery } from "../handling/changed-delivery.ts";

export interface TimeoutOptions {
  /** From the start of the handler, in milliseconds; below the broker's consumer timeout. */
  readonly timeoutMs: number;
}

/**
 * Ends a handler that takes too long: `delivery.signal` aborts, and the delivery fails with HANDLER_TIMEOUT, which is
 * a retry. A handler that ignores the signal goes on beside its own retry, and what it decides later is ignored: pass
 * the signal to everything it waits for.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function timeout(options: TimeoutOptions): Middleware {
  const { timeoutMs } = resolveOptions<TimeoutOptions, Partial<TimeoutOptions>>(
    "timeout",
    options,
    {},
    {
      timeoutMs: anInteger(1, 2 ** 31 - 1),
    },
  );
  return (delivery, next) =>
    new Promise((resolve, reject) => {
      const abort = new AbortController();
      const outer = delivery.signal;
      const abortToo = (): void => abort.abort(outer.reason);
      const end = (): void => {
        clearTimeout(timer);
        outer.removeEventListener("abort", abortToo);
      };
      const timer = setTimeout(() => {
        end();
        const error = new DeliveryError(
          "HANDLER_TIMEOUT",
          `the handler did not finish within ${timeoutMs} ms`,
          {
            context: { timeoutMs },
          },
        );
        abort.abort(error);
        reject(error);
      }, timeoutMs);
      if (outer.aborted) abortToo();
      else outer.addEventListener("abort", abortToo);
      try {
        next(changeDelivery(delivery, { signal: abort.signal }))
          .then(resolve, reject)
          .finally(end);
      } catch (thrown) {
        end();
        throw thrown;
      }
    });
}
