import { type Publishing, WarrenError } from "@warren/message";
import { PreparationRoom } from "./preparation-room.ts";

/** How long a publish may be prepared, waiting for those before it included. */
export interface PreparationTerms {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Of its body, as far as it is known. */
  readonly bytes: number;
  /** It was ready at once, and found no room. */
  readonly isHeld: boolean;
}

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
  readonly #room: PreparationRoom;
  readonly #begun = new Set<(error: WarrenError) => void>();
  #last: Promise<void> | undefined;
  #isHeld = false;

  /**
   * @param maxCount how many may be prepared at the same time.
   * @param maxBytes how large their bodies may be together; one is taken whatever its size.
   */
  constructor(maxCount: number, maxBytes: number) {
    this.#room = new PreparationRoom(maxCount, maxBytes);
  }

  get isEmpty(): boolean {
    return this.#begun.size === 0;
  }

  /** Whether there is nothing to be gained by sending more: as many are prepared as may be, or one waits for room. */
  get isFull(): boolean {
    return this.#isHeld || this.#room.isFull;
  }

  /** Why there is no room for a body of so many bytes, or nothing. */
  refusal(bytes: number): WarrenError | undefined {
    return this.#room.refusal(bytes);
  }

  /** Hands the publishing on once it is ready and everything before it has been handed on. */
  queue(work: Publishing | Promise<Publishing>, terms: PreparationTerms, ends: PreparationEnds): void {
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
    { timeoutMs, signal, bytes, isHeld }: PreparationTerms,
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
    const done = prepared.then<End, End>(
      (publishing) => () => ends.ready(publishing),
      (error: unknown) => last(() => ends.failed(error)),
    );
    this.#begun.add(giveUp);
    const giveBack = this.#room.take(bytes);
    try {
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort);
      let end = await Promise.race([ended, done]);
      while (!end()) {
        this.#isHeld = holdsUp = true;
        end = await Promise.race([ended, ends.room().then(() => done)]);
      }
      signal?.removeEventListener("abort", abort);
    } catch (error) {
      ends.failed(error);
    } finally {
      if (holdsUp) this.#isHeld = false;
      clearTimeout(timer);
      this.#begun.delete(giveUp);
      giveBack();
    }
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
