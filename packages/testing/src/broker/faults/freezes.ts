import type { ConnectionControl, Interference } from "../wire/interference.ts";
import type { Faults } from "./faults.ts";
import { StandingFault } from "./standing-fault.ts";

/** A broker that is stopped by hand. */
export class Freezes implements Pick<Faults, "freeze" | "clear"> {
  readonly #interference: Interference;
  readonly #connections: () => Iterable<ConnectionControl>;
  readonly #standing = new Set<StandingFault>();

  /** @param connections those in their handshake included */
  constructor(interference: Interference, connections: () => Iterable<ConnectionControl>) {
    this.#interference = interference;
    this.#connections = connections;
  }

  freeze: Faults["freeze"] = () => {
    const onRemoved = (): void => {
      this.#standing.delete(fault);
      if (this.#standing.size === 0) this.#thaw();
    };
    const fault = new StandingFault({ name: "freeze", onRemoved });
    this.#standing.add(fault);
    const hit = (connection: ConnectionControl): void => {
      connection.freeze(true);
      for (const each of this.#standing) each.strike();
    };
    this.#interference.connecting = hit;
    for (const connection of this.#connections()) {
      connection.freeze(true);
      fault.strike();
    }
    return fault;
  };

  clear(): void {
    for (const fault of this.#standing) fault.remove();
  }

  #thaw(): void {
    this.#interference.connecting = undefined;
    for (const connection of this.#connections()) connection.freeze(false);
  }
}
