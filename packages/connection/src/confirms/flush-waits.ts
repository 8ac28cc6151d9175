import { WarrenError } from "@warren/message";

interface Wait {
  /** Waits for publishes up to this number; what comes later is not its business. */
  readonly upTo: number;
  left: number;
  readonly done: () => void;
}

/** Who waits until everything that was published before has settled. */
export class FlushWaits {
  #waits: Wait[] = [];

  /** @throws WarrenError PUBLISH_TIMEOUT */
  async wait(upTo: number, left: number, timeoutMs: number | undefined): Promise<void> {
    if (left === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const wait = { upTo, left, done: resolve };
      this.#waits.push(wait);
      if (timeoutMs === undefined) return;
      timer = setTimeout(() => {
        this.#waits = this.#waits.filter((each) => each !== wait);
        reject(
          new WarrenError(
            "PUBLISH_TIMEOUT",
            `${wait.left} publishes have not settled within ${timeoutMs} ms`,
            {
              context: { unsettledCount: wait.left, timeoutMs },
            },
          ),
        );
      }, timeoutMs);
    });
    clearTimeout(timer);
  }

  settled(number: number): void {
    if (this.#waits.length === 0) return;
    for (const wait of this.#waits) if (number <= wait.upTo && --wait.left === 0) wait.done();
    this.#waits = this.#waits.filter(({ left }) => left > 0);
  }
}
