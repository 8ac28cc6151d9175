import type { Interference } from "../wire/interference.ts";
import { aNumberFrom, checkOptions } from "./check-options.ts";
import { deliveryChoiceChecks, fitsDelivery } from "./choices.ts";
import { FaultRules } from "./fault-rules.ts";
import type { Faults } from "./faults.ts";
import { frequencyChecks } from "./frequency.ts";
import { seenDelivery, type SeenDelivery } from "./seen-message.ts";

/** What may happen to deliveries. */
export class DeliveryFaults implements Pick<Faults, "duplicateDeliveries" | "clear"> {
  /** How often each is written. */
  readonly #rules: FaultRules<SeenDelivery, number>;

  constructor(interference: Interference) {
    this.#rules = new FaultRules((inUse) => {
      interference.delivering = inUse
        ? (delivery) => this.#rules.effectOn(seenDelivery(delivery)) ?? 1
        : undefined;
    });
  }

  duplicateDeliveries: Faults["duplicateDeliveries"] = (options = {}) => {
    const name = "duplicateDeliveries";
    const { deliveryCount = 2, ...frequency } = options;
    checkOptions(name, options, {
      ...deliveryChoiceChecks,
      ...frequencyChecks,
      deliveryCount: aNumberFrom(2),
    });
    return this.#rules.add({ name, frequency, fits: fitsDelivery(frequency), effect: deliveryCount });
  };

  clear(): void {
    this.#rules.clear();
  }
}
