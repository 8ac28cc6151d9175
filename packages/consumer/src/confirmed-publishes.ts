import { setMaxListeners } from "node:events";
import type { ConfirmChannel, Connection } from "@warren/connection";
import { type Backoff, backoffMs, type Publishing } from "@warren/message";

/** Pauses before another try: the delivery stays un-acked meanwhile, so that nothing is lost and nothing runs hot. */
const pauses: Backoff = { baseMs: 1_000, maxMs: 30_000 };

/** How a publish that is repeated until it is confirmed can end. */
export type PublishEnd =
  | "confirmed"
  /** Nobody is bound there. Only where that was asked for: a move is tried until its queue is back. */
  | "returned"
  /** It is not wanted any more, or the consumer was stopped. */
  | "abandoned";

export interface PublishTerms {
  /** Asked before each try. */
  readonly wanted: () => boolean;
  /** @default false */
  readonly mayBeReturned?: boolean;
}

/**
 * Publishes until the broker has confirmed. Opens its channel for the first message, on the socket for publishes: on the
 * consuming one it would stop the acks during a memory alarm.
 */
export class ConfirmedPublishes {
  readonly #open: () => ConfirmChannel;
  readonly #stopping = new AbortController();
  #channel: ConfirmChannel | undefined;

  constructor(connection: Connection, name: string) {
    // Every publish on its way listens; the prefetch bounds them.
    setMaxListeners(0, this.#stopping.signal);
    // What could be consumed can be published again, whatever its size.
    this.#open = () => connection.confirmChannel({ name, maxBodyBytes: 512 * 1024 * 1024 });
  }

  async publish(
    publishing: Publishing,
    { wanted, mayBeReturned = false }: PublishTerms,
  ): Promise<PublishEnd> {
    const { signal } = this.#stopping;
    for (let attempt = 1; wanted() && !signal.aborted; attempt++) {
      this.#channel ??= this.#open();
      const { status } = await this.#channel.publish(publishing, { signal });
      if (status === "confirmed" || (status === "returned" && mayBeReturned)) return status;
      await pause(pauses.baseMs / 2 + backoffMs(attempt, pauses, Math.random), signal);
    }
    return "abandoned";
  }

  /** Gives up what is on its way. */
  async close(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#channel?.close({ timeoutMs });
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener("abort", done);
  });
}
