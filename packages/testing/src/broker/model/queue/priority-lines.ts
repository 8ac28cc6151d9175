import { PositionedLine } from "./positioned-line.ts";
import type { ReadyLine } from "./ready-line.ts";
import type { StoredMessage } from "./stored-message.ts";

/** The line of a classic queue with `x-max-priority`: a line for each priority, the highest leaves first. */
export class PriorityLines implements ReadyLine {
  /** By priority; made on first use. */
  readonly #lines: (PositionedLine | undefined)[] = [];
  readonly #maxPriority: number;
  #count = 0;
  #bytes = 0;

  constructor(maxPriority: number) {
    this.#maxPriority = maxPriority;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(stored: StoredMessage): void {
    this.#lineOf(stored).push(stored);
    this.#count++;
    this.#bytes += stored.message.body.length;
  }

  putBack(stored: StoredMessage): void {
    this.#lineOf(stored).putBack(stored);
    this.#count++;
    this.#bytes += stored.message.body.length;
  }

  head(): StoredMessage | undefined {
    return this.#highest()?.head();
  }

  take(): StoredMessage | undefined {
    const stored = this.#highest()?.take();
    if (stored !== undefined) {
      this.#count--;
      this.#bytes -= stored.message.body.length;
    }
    return stored;
  }

  clear(): void {
    this.#lines.length = 0;
    this.#count = 0;
    this.#bytes = 0;
  }

  #lineOf({ message }: StoredMessage): PositionedLine {
    const priority = Math.min(message.properties.priority ?? 0, this.#maxPriority);
    return (this.#lines[priority] ??= new PositionedLine());
  }

  #highest(): PositionedLine | undefined {
    return this.#lines.findLast((line) => line !== undefined && line.count > 0);
  }
}
