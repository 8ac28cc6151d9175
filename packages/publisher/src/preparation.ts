import { type Publishing, WarrenError } from "@warren/message";

/**
 * Publishes that cannot be handed on at once, because their schema is asynchronous or their body is compressed. What
 * is published after them waits behind them, so the order of the calls is kept. Their number is bounded, like that of
 * everything else that waits.
 */
export class Preparation {
  readonly #maxCount: number;
  #count = 0;
  #last: Promise<void> | undefined;

  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /**
   * Hands the publishing on once it is ready and everything before it has been handed on.
   *
   * @throws WarrenError PUBLISH_BUFFER_FULL
   */
  queue(
    work: Publishing | Promise<Publishing>,
    ready: (publishing: Publishing) => void,
    failed: (error: unknown) => void,
  ): void {
    if (this.#count >= this.#maxCount) {
      // It has been begun; nobody will ask how it ended.
      void Promise.resolve(work).catch(() => undefined);
      throw new WarrenError(
        "PUBLISH_BUFFER_FULL",
        `${this.#count} publishes are being validated or compressed`,
        {
          context: { unsettledCount: this.#count },
        },
      );
    }
    this.#count++;
    this.#last = this.#turn(this.#last, work, ready, failed);
  }

  /** Resolves when everything that is being prepared now has been handed on. */
  async done(): Promise<void> {
    await this.#last;
  }

  async #turn(
    before: Promise<void> | undefined,
    work: Publishing | Promise<Publishing>,
    ready: (publishing: Publishing) => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    const handOn = await Promise.resolve(work).then(
      (publishing) => () => ready(publishing),
      (error: unknown) => () => failed(error),
    );
    await before;
    this.#count--;
    handOn();
  }
}
