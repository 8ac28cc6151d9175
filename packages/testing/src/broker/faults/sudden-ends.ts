import { replyNames, type ReplyCode } from "../amqp-error.ts";
import type { ChannelControl, ConnectionControl } from "../wire/interference.ts";
import { aNumberFrom, aReplyCode, aText, checkOptions } from "./check-options.ts";
import { clientChoiceChecks, fitsChannel, fitsConnection } from "./choices.ts";
import type { Faults } from "./faults.ts";

const placeChecks = { vhost: aText, user: aText };
const closeChecks = { ...clientChoiceChecks, replyCode: aReplyCode, text: aText };

/** What ends at once, by no one's mistake. */
export class SuddenEnds implements Pick<
  Faults,
  "closeChannels" | "closeConnections" | "cutConnections" | "cancelConsumers" | "timeOutConsumers"
> {
  readonly #connections: () => Iterable<ConnectionControl>;

  /** @param connections those that are open */
  constructor(connections: () => Iterable<ConnectionControl>) {
    this.#connections = connections;
  }

  closeChannels: Faults["closeChannels"] = (options) => {
    checkOptions("closeChannels", options, closeChecks, ["replyCode"]);
    const chosen = this.#channels().filter((channel) => fitsChannel(options, channel));
    for (const channel of chosen) channel.close(options.replyCode, replyText(options));
    return chosen.length;
  };

  closeConnections: Faults["closeConnections"] = (options) => {
    checkOptions("closeConnections", options, closeChecks, ["replyCode"]);
    const chosen = [...this.#connections()].filter((connection) => fitsConnection(options, connection));
    for (const connection of chosen) connection.close(options.replyCode, replyText(options));
    return chosen.length;
  };

  cutConnections: Faults["cutConnections"] = (options = {}) => {
    checkOptions("cutConnections", options, clientChoiceChecks);
    const chosen = [...this.#connections()].filter((connection) => fitsConnection(options, connection));
    for (const connection of chosen) connection.destroy();
    return chosen.length;
  };

  cancelConsumers: Faults["cancelConsumers"] = (options = {}) => {
    checkOptions("cancelConsumers", options, { ...placeChecks, queue: aText });
    const chosen = this.#channels().filter((channel) => fitsChannel(options, channel));
    return chosen.reduce((sum, channel) => sum + channel.cancelConsumers(options.queue), 0);
  };

  timeOutConsumers: Faults["timeOutConsumers"] = (options = {}) => {
    checkOptions("timeOutConsumers", options, { ...placeChecks, timeoutMs: aNumberFrom(1) });
    const { timeoutMs = 1_800_000 } = options;
    const chosen = this.#channels().filter(
      (channel) => channel.unackedCount > 0 && fitsChannel(options, channel),
    );
    for (const channel of chosen) channel.close(406, timedOut(channel.number, timeoutMs));
    return chosen.length;
  };

  #channels(): readonly ChannelControl[] {
    return Array.from(this.#connections()).flatMap(({ channels }) => [...channels]);
  }
}

function replyText({
  replyCode,
  text = "for a test",
}: {
  readonly replyCode: ReplyCode;
  readonly text?: string;
}): string {
  return `${replyNames[replyCode]} - ${text}`;
}

function timedOut(channel: number, timeoutMs: number): string {
  return (
    `${replyNames[406]} - delivery acknowledgement on channel ${channel} timed out. Timeout value used: ` +
    `${timeoutMs} ms. This timeout value can be configured, see consumers doc guide to learn more`
  );
}
