import type { DeadLetter } from "./queue/queue.ts";

/**
 * Dead letters wait here until the operation that made them has ended: a queue is never called back in the midst of its
 * own work, and a cycle of queues is a loop instead of a stack. First come, first routed.
 */
export class DeadLetterLine {
  readonly #route: (letter: DeadLetter) => void;
  readonly #waiting: DeadLetter[] = [];
  #operationDepth = 0;

  constructor(route: (letter: DeadLetter) => void) {
    this.#route = route;
  }

  add(letter: DeadLetter): void {
    this.#waiting.push(letter);
    if (this.#operationDepth === 0) this.#empty();
  }

  /** Every `begin` has its `end`, also where the operation throws. */
  begin(): void {
    this.#operationDepth++;
  }

  end(): void {
    if (this.#operationDepth === 1 && this.#waiting.length > 0) this.#empty();
    this.#operationDepth--;
  }

  during<Result>(operation: () => Result): Result {
    this.begin();
    try {
      return operation();
    } finally {
      this.end();
    }
  }

  #empty(): void {
    this.#operationDepth++;
    try {
      for (const letter of this.#waiting) this.#route(letter);
    } finally {
      this.#waiting.length = 0;
      this.#operationDepth--;
    }
  }
}
