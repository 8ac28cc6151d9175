import type { Connection } from "@warren/connection";
import { type Backoff, backoffMs, type Publishing } from "@warren/message";

type MoveChannel = ReturnType<Connection["confirmChannel"]>;

/** Pauses before a move is tried again: the delivery stays un-acked meanwhile, so that nothing is lost or runs hot. */
const pauses: Backoff = { baseMs: 1_000, maxMs: 30_000 };

/**
 * Publishes messages to their wait queue or dead-letter queue and says when the broker has them. Opens its channel for
 * the first move, on the socket for publishes: on the consuming one it would stop the acks during a memory alarm.
 */
export class Mover {
  readonly #open: () => MoveChannel;
  readonly #stopping = new AbortController();
  #channel: MoveChannel | undefined;

  constructor(connection: Connection, queue: string) {
    this.#open = () => connection.confirmChannel({ name: `move ${queue}`, maxBodyBytes: 512 * 1024 * 1024 });
  }

  /**
   * Resolves with true when the broker has confirmed it, after as many tries as that takes; with false when `wanted`
   * says that it is not needed any more or the consumer is stopped.
   */
  async move(publishing: Publishing, wanted: () => boolean): Promise<boolean> {
    const { signal } = this.#stopping;
    for (let attempt = 1; wanted() && !signal.aborted; attempt++) {
      this.#channel ??= this.#open();
      const confirmation = await this.#channel.publish(publishing, { signal });
      if (confirmation.status === "confirmed") return true;
      if (signal.aborted) return false;
      await pause(backoffMs(attempt, pauses, Math.random) + pauses.baseMs / 2, signal);
    }
    return false;
  }

  /** Gives up what is on its way. */
  async close(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#channel?.close({ timeoutMs });
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
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
