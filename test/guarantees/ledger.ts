/** What one id went through. */
interface Entry {
  readonly attempted: boolean;
  readonly confirmed: boolean;
  /** How often it came to its end: handled, or found among the dead letters. */
  readonly ends: number;
}

export interface Audit {
  /** Confirmed, and never come to an end. */
  readonly lost: readonly string[];
  /** Come to an end, and never published. */
  readonly unexpected: readonly string[];
  /** Ends beyond the first of each id. */
  readonly duplicates: number;
  /** Not confirmed, and come to an end all the same. */
  readonly recovered: readonly string[];
}

const nothing: Entry = { attempted: false, confirmed: false, ends: 0 };

/** Accounts for messages by id, as Jepsen's total-queue checker does. Publishes are noted before they are sent. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Set<() => void>();

  attempt(id: string): void {
    this.#note(id, { attempted: true });
  }

  confirm(id: string): void {
    this.#note(id, { confirmed: true });
  }

  end(id: string): void {
    this.#note(id, { ends: this.#entry(id).ends + 1 });
  }

  /** How many ids have come to an end. */
  get endedCount(): number {
    return [...this.#entries.values()].filter(({ ends }) => ends > 0).length;
  }

  /** Resolves when so many ids have come to an end; in any case after `timeoutMs`: the audit then says which are lost. */
  async ended(count: number, timeoutMs = 20_000): Promise<void> {
    const deadline = AbortSignal.timeout(timeoutMs);
    deadline.addEventListener("abort", () => this.#wake());
    while (this.endedCount < count && !deadline.aborted)
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  audit(): Audit {
    const entries = [...this.#entries];
    const ids = (which: (entry: Entry) => boolean): readonly string[] =>
      entries.filter(([, entry]) => which(entry)).map(([id]) => id);
    return {
      lost: ids(({ confirmed, ends }) => confirmed && ends === 0),
      unexpected: ids(({ attempted, ends }) => !attempted && ends > 0),
      duplicates: entries.reduce((sum, [, { ends }]) => sum + Math.max(0, ends - 1), 0),
      recovered: ids(({ attempted, confirmed, ends }) => attempted && !confirmed && ends > 0),
    };
  }

  #entry(id: string): Entry {
    return this.#entries.get(id) ?? nothing;
  }

  #note(id: string, change: Partial<Entry>): void {
    this.#entries.set(id, { ...this.#entry(id), ...change });
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
