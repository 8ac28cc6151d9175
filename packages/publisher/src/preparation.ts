import { type Publishing, WarrenError } from "@warren/message";

/** How long a publish may be prepared, waiting for those before it included. */
export interface PreparationTerms {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** One too many is refused, or taken because its caller sends no other while {@link Preparation.isFull}. */
  readonly whenFull: WhenFull;
  /** It was ready at once, and found no room. */
  readonly isHeld: boolean;
}

/** What happens to what finds no room. */
export type WhenFull = "refuse" | "wait";

/** How a preparation can end. */
export interface PreparationEnds {
  /**
   * In the order of the calls; the other ends do not wait for their turn.
   *
   * @returns whether it could be handed on; it is tried again after the promise of `room` otherwise.
   */
  ready(publishing: Publishing): boolean;
  room(): Promise<void>;
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
  #isHeld = false;

  /** @param maxCount how many may be prepared at the same time. */
  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  get isEmpty(): boolean {
    return this.#begun.size === 0;
  }

  /** Whether there is nothing to be gained by sending more: as many are prepared as may be, or one waits for room. */
  get isFull(): boolean {
    return this.#isHeld || this.#begun.size >= this.#maxCount;
  }

  /**
   * Hands the publishing on once it is ready and everything before it has been handed on.
   *
   * @throws WarrenError PUBLISH_BUFFER_FULL
   */
  queue(work: Publishing | Promise<Publishing>, terms: PreparationTerms, ends: PreparationEnds): void {
    if (terms.whenFull === "refuse" && this.#begun.size >= this.#maxCount) {
      // It has been begun; nobody will ask how it ended.
      void Promise.resolve(work).catch(() => undefined);
      throw new WarrenError(
        "PUBLISH_BUFFER_FULL",
        `${this.#begun.size} publishes are being validated or compressed`,
        { context: { unsettledCount: this.#begun.size } },
      );
    }
    this.#isHeld ||= terms.isHeld;
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
    { timeoutMs, signal, isHeld }: PreparationTerms,
    ends: PreparationEnds,
  ): Promise<void> {
    let holdsUp = isHeld;
    let timer: NodeJS.Timeout | undefined;
    let giveUp = (_error: WarrenError): void => undefined;
    const abort = (): void => giveUp(aborted());
    const ended = new Promise<End>((resolve) => {
      giveUp = (error) => resolve(last(() => ends.failed(error)));
      timer = setTimeout(() => resolve(last(() => ends.late(timeoutMs))), timeoutMs);
    });
    this.#begun.add(giveUp);
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort);
    const done = prepared.then<End, End>(
      (publishing) => () => ends.ready(publishing),
      (error: unknown) => last(() => ends.failed(error)),
    );
    let end = await Promise.race([ended, done]);
    while (!end()) {
      this.#isHeld = holdsUp = true;
      end = await Promise.race([ended, ends.room().then(() => done)]);
    }
    if (holdsUp) this.#isHeld = false;
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    this.#begun.delete(giveUp);
  }
}

/** Tells how it ended; returns whether that was the end. */
type End = () => boolean;

function last(tell: () => void): End {
  return () => {
    tell();
    return true;
  };
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
