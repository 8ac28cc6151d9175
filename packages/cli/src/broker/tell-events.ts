import type { Channel } from "node:diagnostics_channel";
import { diagnostics, WarrenError } from "@warren/message";
import type { Log } from "../log.ts";

/**
 * Tells a user what the connection goes through: losses and alarms always, the rest with -v. Returns what ends it.
 *
 * @param patience for how long a lost connection is made again, in words
 */
export function tellEvents(log: Pick<Log, "warn" | "info">, name: string, patience: string): () => void {
  let toldPublish = false;
  /** The sockets that are lost: both at once are one loss to a user. */
  const lost = new Set<string>();
  const ends = [
    listen(diagnostics.connect, (event) => {
      if (event.connection !== name) return;
      log.info(
        `connected to ${event.address} for ${event.socket === "publish" ? "publishing" : "consuming"}`,
      );
    }),
    listen(diagnostics.connectFailed, (event) => {
      if (event.connection === name) log.info(`${event.address}: ${sentenceOf(event.error)}`);
    }),
    listen(diagnostics.connectionState, (event) => {
      if (event.connection !== name) return;
      if (event.to !== "reconnecting") lost.delete(event.socket);
      else {
        if (lost.size === 0)
          log.warn(`connection lost: ${sentenceOf(event.error)} (connecting again ${patience})`);
        lost.add(event.socket);
      }
      // The first socket's failures are told by who opens it; this one is opened in the middle of the work.
      if (event.to === "connecting" && event.socket === "publish" && !toldPublish) {
        toldPublish = true;
        log.warn(`cannot connect for publishing: ${sentenceOf(event.error)} (trying again ${patience})`);
      }
    }),
    listen(diagnostics.blocked, (event) => {
      if (event.connection !== name) return;
      log.warn(
        event.reason === undefined
          ? "the broker takes messages again"
          : `the broker takes no messages for now: ${event.reason}`,
      );
    }),
    listen(diagnostics.channelClosed, (event) => {
      if (event.connection === name)
        log.info(`channel "${event.channel}" closed: ${sentenceOf(event.error)}`);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function listen<Event>(channel: Channel<unknown, Event>, told: (event: Event) => void): () => void {
  const listener = (event: unknown): void => told(event as Event);
  channel.subscribe(listener);
  return () => {
    channel.unsubscribe(listener);
  };
}

export function sentenceOf(error: unknown): string {
  return error instanceof WarrenError
    ? error.sentence
    : error instanceof Error
      ? error.message
      : String(error);
}
