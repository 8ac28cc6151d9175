import { setTimeout as sleep } from "node:timers/promises";

/** Pause before the broker is asked again while messages are ready and do not come: another consumer may take them. */
const againMs = 50;

export interface EmptyWatch {
  /** The queue's ready messages, asked on the channel that consumes it. */
  readonly readyCount: () => Promise<number | undefined>;
  readonly received: () => number;
  readonly busy: () => boolean;
  readonly gone: () => boolean;
}

/**
 * Resolves with true when the queue has nothing more for this consumer, with false when the channel is gone.
 *
 * One count of 0 proves nothing: the broker's channel may have answered it before a delivery that was on its way to
 * it from the queue. Every channel handles what reaches it in order, so a second answer on the same channel comes
 * after such a delivery: 0 twice, and nothing received in between, is empty.
 */
export async function untilEmpty(watch: EmptyWatch): Promise<boolean> {
  try {
    while (!watch.gone()) {
      const received = watch.received();
      const quiet = !watch.busy() && (await watch.readyCount()) === 0 && (await watch.readyCount()) === 0;
      if (watch.gone()) break;
      if (quiet && watch.received() === received) return true;
      if (!quiet) await sleep(againMs);
    }
    return false;
  } catch {
    // The channel was closed under the question; the next one asks again.
    return false;
  }
}
