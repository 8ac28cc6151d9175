import type { BrokerError } from "@warren/message";

/** Whether the exchange is there: nothing when it is, the broker's refusal when it is not, "unknown" when nobody answered. */
export type ExchangeCheck = (exchange: string) => Promise<BrokerError | "unknown" | undefined>;

/**
 * Publishing to an exchange that is not there closes the channel and takes every other publish on it along. So an
 * exchange that the topology does not declare is looked up before its first use, away from the publish channel.
 */
export class ExchangeGate {
  readonly #check: ExchangeCheck;
  readonly #open: Set<string>;
  readonly #checking = new Set<string>();
  readonly #decided: (exchange: string, error: BrokerError | undefined) => void;

  /**
   * @param trusted exchanges that need no check.
   * @param decided called once an exchange was looked up: go on, or refuse what waits for it.
   */
  constructor(
    trusted: Iterable<string>,
    check: ExchangeCheck,
    decided: (exchange: string, error: BrokerError | undefined) => void,
  ) {
    this.#open = new Set(trusted);
    this.#check = check;
    this.#decided = decided;
  }

  /** Whether a publish to the exchange may go; if not, it is looked up, and `decided` called. */
  admits(exchange: string): boolean {
    if (this.#open.has(exchange)) return true;
    if (!this.#checking.has(exchange)) void this.#look(exchange);
    return false;
  }

  /**
   * A publish to it was refused: what was known of it does not hold any more. The default exchange is always there, and
   * the broker lets nobody look it up.
   */
  distrust(exchange: string): void {
    if (exchange !== "") this.#open.delete(exchange);
  }

  async #look(exchange: string): Promise<void> {
    this.#checking.add(exchange);
    const answer = await this.#check(exchange);
    this.#checking.delete(exchange);
    // What nobody could tell goes through this once; one that closes the channel is found out and refused later.
    if (answer === undefined || answer === "unknown") this.#open.add(exchange);
    this.#decided(exchange, answer === "unknown" ? undefined : answer);
    if (answer === "unknown") this.#open.delete(exchange);
  }
}
