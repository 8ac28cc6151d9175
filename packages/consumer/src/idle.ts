import { setTimeout as sleep } from "node:timers/promises";
import { resolveOptions, type Rules } from "@warren/message/authoring";
import type { Session } from "./session.ts";

export interface IdleOptions {
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

const rules: Rules<IdleOptions> = {
  signal: (value) => (value instanceof AbortSignal ? undefined : "must be an AbortSignal"),
};

/** Between two looks at a queue that is not empty, or cannot be asked now; longer each time. */
const firstPauseMs = 20;
const longestPauseMs = 250;

/**
 * The queue is asked twice in a row: a message that was on its way here when the first answer was made has arrived
 * before the second one, since both travel on the same channel.
 *
 * @returns false when the consumer has come to its end before.
 */
export async function whenIdle(
  session: Session,
  isLive: () => boolean,
  options: IdleOptions,
): Promise<boolean> {
  const { signal } = resolveOptions<IdleOptions, IdleOptions>("idle", options, {}, rules);
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.2, longestPauseMs)) {
    await abortable(session.settlements.whenEmpty(), signal);
    if (!isLive()) return false;
    const arrived = session.arrivedCount;
    if (await isEmpty(session)) {
      if ((await isEmpty(session)) && session.arrivedCount === arrived && session.settlements.heldCount === 0)
        return true;
    } else {
      await abortable(sleep(pauseMs), signal);
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
