import { type Publishing, WarrenError } from "@warren/message";

/** How a preparation can end. */
export interface PreparationEnds {
  ready(publishing: Publishing): void;
  failed(error: unknown): void;
  /** It took longer than a delivery may. */
  late(afterMs: number): void;
}

/**
 * Publishes that cannot be handed on at once, because their schema is asynchronous or their body is compressed. What
 * is published after them waits behind them, so the order of the calls is kept. Their number and their time are
 * bounded, like those of everything else that waits.
 */
export class Preparation {
  readonly #maxCount: number;
  readonly #begun = new Set<(error: WarrenError) => void>();
  #last: Promise<void> | undefined;

  /** @param maxCount how many may be prepared at the same time. */
  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  get isEmpty(): boolean {
    return this.#begun.size === 0;
  }

  /**
   * Hands the publishing on once it is ready and everything before it has been handed on.
   *
   * @throws WarrenError PUBLISH_BUFFER_FULL
   */
  queue(work: Publishing | Promise<Publishing>, timeoutMs: number, ends: PreparationEnds): void {
    if (this.#begun.size >= this.#maxCount) {
      // It has been begun; nobody will ask how it ended.
      void Promise.resolve(work).catch(() => undefined);
      throw new WarrenError(
        "PUBLISH_BUFFER_FULL",
        `${this.#begun.size} publishes are being validated or compressed`,
        { context: { unsettledCount: this.#begun.size } },
      );
    }
    this.#last = this.#turn(this.#last, work, timeoutMs, ends);
  }

  /**
   * Resolves when everything that is being prepared now has been handed on.
   *
   * @throws WarrenError PUBLISH_TIMEOUT when that takes longer than `timeoutMs`.
   */
  async done(timeoutMs?: number): Promise<void> {
    if (timeoutMs === undefined || this.isEmpty) return this.#last;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(stillPreparing(this.#begun.size, timeoutMs)), timeoutMs);
    });
    try {
      await Promise.race([this.#last, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits no longer for what is being prepared. */
  end(error: WarrenError): void {
    for (const giveUp of this.#begun) giveUp(error);
  }

  async #turn(
    before: Promise<void> | undefined,
    work: Publishing | Promise<Publishing>,
    timeoutMs: number,
    ends: PreparationEnds,
  ): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let giveUp = (_error: WarrenError): void => undefined;
    const ended = new Promise<() => void>((resolve) => {
      giveUp = (error) => resolve(() => ends.failed(error));
      timer = setTimeout(() => resolve(() => ends.late(timeoutMs)), timeoutMs);
    });
    this.#begun.add(giveUp);
    const prepared = Promise.resolve(work).then(
      (publishing) => () => ends.ready(publishing),
      (error: unknown) => () => ends.failed(error),
    );
    const handOn = await Promise.race([prepared, ended]);
    clearTimeout(timer);
    await before;
    this.#begun.delete(giveUp);
    handOn();
  }
}

function stillPreparing(unsettledCount: number, timeoutMs: number): WarrenError {
  return new WarrenError(
    "PUBLISH_TIMEOUT",
    `${unsettledCount} publishes are still being validated or compressed after ${timeoutMs} ms`,
    { context: { unsettledCount, timeoutMs } },
  );
}
