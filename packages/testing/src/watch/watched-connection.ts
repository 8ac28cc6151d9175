import { textOf } from "../broker/codec/field-values.ts";
import { versionRules, type VersionRules } from "../broker/version.ts";
import type { Frame } from "../proxy/frame-reader.ts";
import type { Direction } from "../proxy/pipe-faults.ts";
import type { Ledger } from "./ledger.ts";
import { WatchedChannel } from "./watched-channel.ts";

/** One connection of a client. Its virtual host is known once it is opened, and nothing can happen before. */
export class WatchedConnection {
  readonly #ledgerOf: (vhost: string, rules: VersionRules) => Ledger;
  readonly #channels = new Map<number, WatchedChannel>();
  readonly #exclusiveQueues = new Set<string>();
  #rules: VersionRules = versionRules["3.10"];
  #ledger: Ledger | undefined;

  constructor(ledgerOf: (vhost: string, rules: VersionRules) => Ledger) {
    this.#ledgerOf = ledgerOf;
  }

  see(frame: Frame, direction: Direction): void {
    if (frame.channel !== 0) {
      if (this.#ledger !== undefined) this.#channelOf(frame, this.#ledger).see(frame, direction);
      return;
    }
    const { method, fields } = frame;
    if (method === "connection.start") {
      if (isFour(textOf(fields.serverProperties?.get("version")))) this.#rules = versionRules["4.0"];
    } else if (method === "connection.open") {
      this.#ledger = this.#ledgerOf(fields.virtualHost ?? "/", this.#rules);
    } else if (method === "connection.close") this.end(direction === "toServer" ? "in order" : "broken");
  }

  end(how: "in order" | "broken"): void {
    for (const channel of this.#channels.values()) channel.end(how);
    this.#channels.clear();
    for (const queue of this.#exclusiveQueues) this.#ledger?.deleteQueue(queue);
    this.#exclusiveQueues.clear();
  }

  #channelOf({ channel: number, method }: Frame, ledger: Ledger): WatchedChannel {
    let channel = this.#channels.get(number);
    if (channel === undefined || method === "channel.open") {
      channel = new WatchedChannel(ledger, this.#exclusiveQueues);
      this.#channels.set(number, channel);
    }
    return channel;
  }
}

function isFour(version = ""): boolean {
  return Number(version.split(".")[0]) >= 4;
}
