/** Counts messages towards a goal, and gives up waiting for it when nothing has happened for a while. */
export class Countdown {
  readonly #goal: number;
  readonly #quietMs: number;
  #count = 0;
  #finish: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(goal: number, quietMs: number) {
    this.#goal = goal;
    this.#quietMs = quietMs;
  }

  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count++;
    this.#timer?.refresh();
    if (this.#count >= this.#goal) this.#finish?.();
  }

  /** Resolves at the goal, or when nothing was added for the quiet time: the audit then names what is missing. */
  async reached(signal?: AbortSignal): Promise<void> {
    if (this.#count >= this.#goal) return;
    await new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#timer = setTimeout(resolve, this.#quietMs);
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    clearTimeout(this.#timer);
  }
}
