import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumerState } from "./consumer-state.ts";
import type { Session } from "./session.ts";

export interface IdleOptions {
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

/** Between two looks at a queue that is not empty, or cannot be asked now. */
const pauseMs = 20;

/**
 * The queue is asked twice in a row: a message that was on its way here when the first answer was made has arrived
 * before the second one, since both travel on the same channel.
 */
export async function whenIdle(
  session: Session,
  state: () => ConsumerState["kind"],
  { signal }: IdleOptions,
): Promise<void> {
  for (;;) {
    await abortable(session.settlements.whenEmpty(), signal);
    if (!["starting", "consuming", "recovering"].includes(state())) return;
    const arrived = session.arrivedCount;
    if (await isEmpty(session)) {
      if ((await isEmpty(session)) && session.arrivedCount === arrived && session.settlements.heldCount === 0)
        return;
    } else {
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}

async function isEmpty({ channel }: Session): Promise<boolean> {
  const count = await channel.count().catch(() => undefined);
  return count?.messageCount === 0;
}

async function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const aborted = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", aborted);
    void promise.then(resolve).finally(() => signal.removeEventListener("abort", aborted));
  });
}
