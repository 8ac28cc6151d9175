import type { ConnectionControl, Interference } from "../wire/interference.ts";
import { aText, checkOptions } from "./check-options.ts";
import type { Faults } from "./faults.ts";
import { StandingFault } from "./standing-fault.ts";

/** Alarms by hand. With several at once the latest gives the reason. */
export class PublisherBlocks implements Pick<Faults, "blockPublishers" | "clear"> {
  readonly #interference: Interference;
  readonly #connections: () => Iterable<ConnectionControl>;
  readonly #reasons = new Map<StandingFault, string>();

  /** @param connections those that are open */
  constructor(interference: Interference, connections: () => Iterable<ConnectionControl>) {
    this.#interference = interference;
    this.#connections = connections;
  }

  blockPublishers: Faults["blockPublishers"] = (options = {}) => {
    const name = "blockPublishers";
    checkOptions(name, options, { reason: aText });
    const onRemoved = (): void => {
      this.#reasons.delete(fault);
      this.#apply();
    };
    const fault = new StandingFault({ name, onRemoved });
    this.#reasons.set(fault, options.reason ?? "low on memory");
    this.#apply();
    return fault;
  };

  clear(): void {
    for (const fault of this.#reasons.keys()) fault.remove();
  }

  #apply(): void {
    const [latest, reason] = [...this.#reasons].at(-1) ?? [];
    this.#interference.opened = reason === undefined ? undefined : (connection) => connection.block(reason);
    this.#interference.blocked = latest === undefined ? undefined : () => latest.strike();
    for (const connection of this.#connections()) connection.block(reason);
  }
}
