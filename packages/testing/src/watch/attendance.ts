/**
 * Which queues somebody consumes. A consumer whose connection broke is expected back; one that was cancelled, or whose channel or
 * connection was closed in order by its client, is not.
 */
export class Attendance {
  readonly #present = new Map<string, number>();
  readonly #missing = new Set<string>();

  arrived(queue: string): void {
    this.#present.set(queue, this.countOf(queue) + 1);
    this.#missing.delete(queue);
  }

  left(queue: string, how: "in order" | "broken"): void {
    this.#present.set(queue, Math.max(0, this.countOf(queue) - 1));
    if (how === "broken") this.#missing.add(queue);
  }

  countOf(queue: string): number {
    return this.#present.get(queue) ?? 0;
  }

  /** Whether what waits there will be delivered. */
  isAttended(queue: string): boolean {
    return this.countOf(queue) > 0 || this.#missing.has(queue);
  }

  /** Whether its consumers broke off and none has come back. */
  isMissing(queue: string): boolean {
    return this.countOf(queue) === 0 && this.#missing.has(queue);
  }

  forget(queue: string): void {
    this.#present.delete(queue);
    this.#missing.delete(queue);
  }

  forgetLosses(): void {
    this.#missing.clear();
  }
}
