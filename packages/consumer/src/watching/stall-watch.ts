import { DeliveryError } from "@warren/message";
import type { Session } from "../session.ts";

/**
 * Finds out that nothing is started any more, since every handler that may be at work has been for too long. It counts
 * beginnings instead of timing each handler: where all places are taken and nothing has begun for so long, each of them
 * has been at work at least as long.
 */
export class StallWatch {
  readonly #session: Session;
  readonly #queue: string;
  readonly #stalledAfterMs: number;
  #begunBefore = -1;
  /** On the clock of `performance.now()`. */
  #sinceMs = 0;
  #stopListening: (() => void) | undefined;

  constructor(session: Session, queue: string, stalledAfterMs: number) {
    this.#session = session;
    this.#queue = queue;
    this.#stalledAfterMs = stalledAfterMs;
  }

  /** Asks the broker whether messages wait, where none waits here. */
  async look(): Promise<void> {
    const nowMs = performance.now();
    const { begunCount, atWork } = this.#session.runner.progress;
    if (begunCount !== this.#begunBefore || !this.#full) {
      if (this.#stopListening !== undefined) this.#ended();
      this.#begunBefore = begunCount;
      this.#sinceMs = nowMs;
      return;
    }
    if (this.#stopListening !== undefined || nowMs - this.#sinceMs < this.#stalledAfterMs) return;
    if (!this.#waitsHere && !(await this.#waitsThere())) return;
    if (this.#session.runner.progress.begunCount !== begunCount || !this.#full) return;
    this.#stopListening = this.#session.runner.onFree(() => this.#ended());
    this.#session.stalled(
      new DeliveryError(
        "HANDLERS_STALLED",
        `the consumer of "${this.#queue}" has begun nothing for more than ${this.#stalledAfterMs} ms: messages wait, and what is at work (${atWork}) does not end`,
        { context: { queue: this.#queue, atWork } },
      ),
    );
  }

  stop(): void {
    this.#stopListening?.();
  }

  /** Whether nothing more can be started; where order matters, also when all that may be here waits behind what is at work. */
  get #full(): boolean {
    const { runner, settlements, prefetch } = this.#session;
    const { atWork, free, held } = runner.progress;
    return atWork > 0 && !held && (!free || settlements.heldCount >= prefetch);
  }

  get #waitsHere(): boolean {
    const { runner, settlements } = this.#session;
    if (runner.progress.collected) return true;
    for (const { begun } of settlements.held) if (!begun) return true;
    return false;
  }

  async #waitsThere(): Promise<boolean> {
    const count = await this.#session.channel.count();
    return count !== undefined && count.messageCount > 0;
  }

  #ended(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#sinceMs = performance.now();
    this.#session.stalled(undefined);
  }
}
