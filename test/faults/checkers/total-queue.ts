import { Ledger } from "../../guarantees/ledger.ts";

/**
 * K1: the ledger of a run, which balances only once every queue was read to its end. "No loss" said of a queue that
 * nobody read is worth nothing.
 */
export class TotalQueue extends Ledger {
  readonly #refused = new Set<string>();
  readonly #ended = new Set<string>();
  #drained = false;

  /** The publisher was told that it is not stored. */
  refuse(id: string): void {
    this.#refused.add(id);
  }

  override end(id: string): void {
    this.#ended.add(id);
    super.end(id);
  }

  /** Everything that was left in the queues has been read. */
  drained(): void {
    this.#drained = true;
  }

  /** What is wrong, as sentences; duplicates and recovered messages are for the test to judge. */
  problems(): readonly string[] {
    const { lost, unexpected } = this.audit();
    const stored = [...this.#refused].filter((id) => this.#ended.has(id));
    return [
      ...(this.#drained ? [] : ["the queues were never read to their end"]),
      ...lost.map((id) => `${id} was confirmed and is lost`),
      ...unexpected.map((id) => `${id} was never published`),
      ...stored.map((id) => `${id} was told to be not stored and came all the same`),
    ];
  }
}
