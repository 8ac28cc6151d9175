import { exchangeIn } from "../model/resource.ts";
import type { Interference, ConfirmFate, InterferedPublish, PublishFate } from "../wire/interference.ts";
import { checkOptions, aReplyCode, aText, milliseconds } from "./check-options.ts";
import { fitsPublish, publishChoiceChecks } from "./choices.ts";
import type { Fault } from "./fault.ts";
import { FaultRules } from "./fault-rules.ts";
import type { Faults, PublishFaultOptions } from "./faults.ts";
import { frequencyChecks } from "./frequency.ts";
import { seenPublish, type SeenPublish } from "./seen-message.ts";

const publishChecks = { ...publishChoiceChecks, ...frequencyChecks };

type FateOf = (publish: InterferedPublish) => PublishFate;

/** What may happen to publishes and to their confirms. */
export class PublishFaults implements Pick<
  Faults,
  | "dropConfirms"
  | "nackConfirms"
  | "delayConfirms"
  | "refusePublishes"
  | "unroutePublishes"
  | "losePublishes"
  | "clear"
> {
  readonly #publishes: FaultRules<SeenPublish, FateOf>;
  readonly #confirms: FaultRules<SeenPublish, ConfirmFate>;

  constructor(interference: Interference) {
    this.#publishes = new FaultRules((inUse) => {
      interference.publishing = inUse
        ? (publish) => this.#publishes.effectOn(seenPublish(publish))?.(publish) ?? "route"
        : undefined;
    });
    this.#confirms = new FaultRules((inUse) => {
      interference.confirming = inUse
        ? (publish) => this.#confirms.effectOn(seenPublish(publish)) ?? "send"
        : undefined;
    });
  }

  dropConfirms: Faults["dropConfirms"] = (options = {}) => this.#confirm("dropConfirms", options, "drop");

  nackConfirms: Faults["nackConfirms"] = (options = {}) => this.#confirm("nackConfirms", options, "nack");

  delayConfirms: Faults["delayConfirms"] = (options) => {
    const name = "delayConfirms";
    const { delayMs, ...frequency } = options;
    checkOptions(name, options, { ...publishChecks, delayMs: milliseconds }, ["delayMs"]);
    return this.#confirms.add({ name, frequency, fits: fitsPublish(frequency), effect: { delayMs } });
  };

  refusePublishes: Faults["refusePublishes"] = (options = {}) => {
    const name = "refusePublishes";
    const { replyCode, text, ...frequency } = options;
    checkOptions(name, options, { ...publishChecks, replyCode: aReplyCode, text: aText });
    if (text !== undefined && replyCode === undefined)
      throw new RangeError("faults.refusePublishes: text is said with a replyCode only");
    const effect: FateOf = (publish) =>
      replyCode === undefined ? "refuse" : { replyCode, text: text ?? usualText(replyCode, publish) };
    return this.#publishes.add({ name, frequency, fits: fitsPublish(frequency), effect });
  };

  unroutePublishes: Faults["unroutePublishes"] = (options = {}) =>
    this.#publish("unroutePublishes", options, "unroutable");

  losePublishes: Faults["losePublishes"] = (options = {}) => this.#publish("losePublishes", options, "lose");

  clear(): void {
    this.#publishes.clear();
    this.#confirms.clear();
  }

  #publish(name: string, options: PublishFaultOptions, fate: PublishFate): Fault {
    checkOptions(name, options, publishChecks);
    return this.#publishes.add({ name, frequency: options, fits: fitsPublish(options), effect: () => fate });
  }

  #confirm(name: string, options: PublishFaultOptions, effect: ConfirmFate): Fault {
    checkOptions(name, options, publishChecks);
    return this.#confirms.add({ name, frequency: options, fits: fitsPublish(options), effect });
  }
}

function usualText(replyCode: number, { connection, message }: InterferedPublish): string {
  const exchange = exchangeIn(connection.vhost, message.exchange === "" ? "amq.default" : message.exchange);
  if (replyCode === 404) return `no ${exchange}`;
  if (replyCode === 403) return `access to ${exchange} refused for user '${connection.user}'`;
  return "for a test";
}
