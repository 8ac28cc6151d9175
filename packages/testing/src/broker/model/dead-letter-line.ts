import type { DeadLetter } from "./queue/queue.ts";

/** How many dead letters of dead letters are routed before others have their turn. */
const mostInOneTurn = 32;

/**
 * Dead letters wait here until the operation that made them has ended: a queue is never called back in the midst of its
 * own work, and a cycle of queues is a loop instead of a stack. First come, first routed. A cycle with a rejection in it may
 * never end, in RabbitMQ as here: it goes on in later turns, so that clients can put an end to it.
 */
export class DeadLetterLine {
  readonly #route: (letter: DeadLetter) => void;
  readonly #later: (task: () => void) => void;
  #waiting: DeadLetter[] = [];
  #operationDepth = 0;

  constructor(route: (letter: DeadLetter) => void, later: (task: () => void) => void = setImmediate) {
    this.#route = route;
    this.#later = later;
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
    const most = this.#waiting.length + mostInOneTurn;
    let routedCount = 0;
    this.#operationDepth++;
    try {
      for (const letter of this.#waiting) {
        if (routedCount === most) break;
        routedCount++;
        this.#route(letter);
      }
    } finally {
      this.#waiting = this.#waiting.slice(routedCount);
      this.#operationDepth--;
      if (this.#waiting.length > 0) this.#later(() => this.during(() => undefined));
    }
  }
}
