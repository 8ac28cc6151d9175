import { type Publishing, WarrenError } from "@warren/message";

/** How long a publish may be prepared, waiting for those before it included. */
export interface PreparationTerms {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** How a preparation can end. */
export interface PreparationEnds {
  /** In the order of the calls; the other ends do not wait for their turn. */
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
  queue(work: Publishing | Promise<Publishing>, terms: PreparationTerms, ends: PreparationEnds): void {
    if (this.#begun.size >= this.#maxCount) {
      // It has been begun; nobody will ask how it ended.
      void Promise.resolve(work).catch(() => undefined);
      throw new WarrenError(
        "PUBLISH_BUFFER_FULL",
        `${this.#begun.size} publishes are being validated or compressed`,
        { context: { unsettledCount: this.#begun.size } },
      );
    }
    const before = this.#last;
    const turn = this.#turn(inTurn(work, before), terms, ends);
    // One that is given up in time leaves those before it to be waited for.
    this.#last = Promise.all([before, turn]).then(() => undefined);
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
    prepared: Promise<Publishing>,
    { timeoutMs, signal }: PreparationTerms,
    ends: PreparationEnds,
  ): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let giveUp = (_error: WarrenError): void => undefined;
    const abort = (): void => giveUp(aborted());
    const ended = new Promise<() => void>((resolve) => {
      giveUp = (error) => resolve(() => ends.failed(error));
      timer = setTimeout(() => resolve(() => ends.late(timeoutMs)), timeoutMs);
    });
    this.#begun.add(giveUp);
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
    const done = prepared.then(
      (publishing) => () => ends.ready(publishing),
      (error: unknown) => () => ends.failed(error),
    );
    const end = await Promise.race([ended, done]);
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    this.#begun.delete(giveUp);
    end();
  }
}

async function inTurn(
  work: Publishing | Promise<Publishing>,
  before: Promise<void> | undefined,
): Promise<Publishing> {
  const publishing = await work;
  await before;
  return publishing;
}

function aborted(): WarrenError {
  return new WarrenError("PUBLISH_ABORTED", "the publish was aborted by its signal");
}

function stillPreparing(unsettledCount: number, timeoutMs: number): WarrenError {
  return new WarrenError(
    "PUBLISH_TIMEOUT",
    `${unsettledCount} publishes are still being validated or compressed after ${timeoutMs} ms`,
    { context: { unsettledCount, timeoutMs } },
  );
}
