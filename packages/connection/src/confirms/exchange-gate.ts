import type { BrokerError } from "@warren/message";

/** Whether the exchange is there: nothing when it is, the broker's refusal when it is not, "unknown" when nobody answered. */
export type ExchangeCheck = (exchange: string) => Promise<BrokerError | "unknown" | undefined>;

/** What the gate says about one publish. */
export type GateAnswer = "open" | "checking" | BrokerError;

interface Refused {
  readonly error: BrokerError;
  /** The refusal holds for publishes up to this number; later ones ask again, since the exchange may be there by then. */
  readonly upTo: number;
}

/**
 * Publishing to an exchange that is not there closes the channel and takes every other publish on it along. So an
 * exchange that the topology does not declare is looked up before its first use, away from the publish channel.
 */
export class ExchangeGate {
  readonly #check: ExchangeCheck;
  readonly #answered: () => void;
  readonly #lastNumber: () => number;
  readonly #open: Set<string>;
  readonly #trusted: readonly string[];
  readonly #refused = new Map<string, Refused>();
  readonly #checking = new Set<string>();

  /**
   * @param trusted exchanges that need no check.
   * @param lastNumber the number of the newest publish.
   * @param answered called when a check is over: ask again.
   */
  constructor(
    trusted: readonly string[],
    check: ExchangeCheck,
    lastNumber: () => number,
    answered: () => void,
  ) {
    this.#trusted = trusted;
    this.#open = new Set(trusted);
    this.#check = check;
    this.#lastNumber = lastNumber;
    this.#answered = answered;
  }

  ask(exchange: string, number: number): GateAnswer {
    if (this.#open.has(exchange)) return "open";
    const refused = this.#refused.get(exchange);
    if (refused !== undefined && number <= refused.upTo) return refused.error;
    if (!this.#checking.has(exchange)) void this.#look(exchange);
    return "checking";
  }

  /** An exchange turned out to be missing: what was found out before does not hold any more. */
  forget(): void {
    this.#open.clear();
    for (const exchange of this.#trusted) this.#open.add(exchange);
  }

  async #look(exchange: string): Promise<void> {
    this.#checking.add(exchange);
    const error = await this.#check(exchange);
    this.#checking.delete(exchange);
    this.#refused.delete(exchange);
    // Unknown goes through as well: isolation is there for what slips past this gate.
    if (error === undefined || error === "unknown") this.#open.add(exchange);
    else this.#refused.set(exchange, { error, upTo: this.#lastNumber() });
    this.#answered();
    if (error === "unknown") this.#open.delete(exchange);
  }
}
