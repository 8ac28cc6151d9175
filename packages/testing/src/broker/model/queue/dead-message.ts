import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import { longstr } from "../../codec/field-values.ts";
import type { Properties } from "../../codec/properties.ts";
import { sortedByName } from "../../codec/sorted-by-name.ts";
import type { VersionRules } from "../../version.ts";
import type { Message } from "../message.ts";
import { addDeath, type Death, deathsIn, type FieldOrder } from "./x-death.ts";

/** A message on its way out of a queue that it did not leave by an ack. */
export class DeadMessage implements Message {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Properties;
  readonly body: Buffer;
  readonly blindCopies?: readonly string[];
  /** Those that `x-death` shows when it dies again: a CC header that it kept has no effect any more. */
  readonly shownKeys: readonly string[];
  /** As the broker knows them: 4.0 does not believe the header. */
  readonly deaths: readonly FieldTable[];
  /** How often it died by rejection in a quorum queue. */
  readonly quorumRejectionCount: number;

  constructor(
    original: Message,
    death: Death,
    target: { readonly exchange: string; readonly routingKey: string | undefined },
    rules: VersionRules,
  ) {
    const { headers, expiration: _taken, ...properties } = original.properties;
    const believed = believedDeaths(original, rules);
    this.deaths = addDeath(believed ?? [], death, {
      fields: fieldOrder(believed, rules),
      turnsOthersAround: rules.turnsDeathsAround,
    });
    const earlierCount = original instanceof DeadMessage ? original.quorumRejectionCount : 0;
    this.quorumRejectionCount =
      earlierCount + Number(death.queueKind === "quorum" && death.reason === "rejected");
    this.exchange = target.exchange;
    this.routingKey = target.routingKey ?? original.routingKey;
    this.shownKeys = target.routingKey === undefined ? death.routingKeys : [target.routingKey];
    this.body = original.body;
    if (target.routingKey === undefined && original.blindCopies !== undefined)
      this.blindCopies = original.blindCopies;

    const changed = new Map(headers);
    changed.set("x-death", {
      type: "array",
      value: this.deaths.map((value) => ({ type: "table", value })),
    });
    const isFirst = rules.trustsClientDeaths ? headers?.has("x-death") !== true : believed === undefined;
    if (isFirst) mark(changed, "first", death);
    if (rules.marksLastDeath) mark(changed, "last", death);
    if (target.routingKey !== undefined && !rules.keepsCarbonCopies) changed.delete("CC");
    this.properties = { ...properties, headers: sortedByName(changed) };
  }
}

function believedDeaths(message: Message, rules: VersionRules): readonly FieldTable[] | undefined {
  if (rules.trustsClientDeaths) return deathsIn(message.properties.headers);
  return message instanceof DeadMessage ? message.deaths : undefined;
}

function fieldOrder(believed: readonly FieldTable[] | undefined, rules: VersionRules): FieldOrder {
  if (!rules.trustsClientDeaths) return "4.0";
  return believed === undefined ? "first-of-3.10" : "sorted";
}

function mark(headers: Map<string, FieldValue>, which: "first" | "last", death: Death): void {
  headers.set(`x-${which}-death-exchange`, longstr(death.exchange));
  headers.set(`x-${which}-death-queue`, longstr(death.queue));
  headers.set(`x-${which}-death-reason`, longstr(death.reason));
}
