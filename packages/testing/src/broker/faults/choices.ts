import type { ChannelControl, ConnectionControl } from "../wire/interference.ts";
import { aFunction, aText, oneOf, type OptionChecks } from "./check-options.ts";
import type { SeenDelivery, SeenPublish } from "./seen-message.ts";

/** Which publishes a fault fits: those that are all of this. Everything without it. */
export interface PublishChoice {
  readonly vhost?: string;
  readonly user?: string;
  /** "" for the default exchange. */
  readonly exchange?: string;
  readonly routingKey?: string;
  /** Called for each publish that fits so far. */
  readonly when?: (publish: SeenPublish) => boolean;
}

/** Which deliveries a fault fits: those that are all of this. Everything without it. */
export interface DeliveryChoice {
  readonly vhost?: string;
  readonly user?: string;
  readonly queue?: string;
  /** Called for each delivery that fits so far. */
  readonly when?: (delivery: SeenDelivery) => boolean;
}

/** Which connections, or channels, something happens to. All of them without it. */
export interface ClientChoice {
  readonly vhost?: string;
  readonly user?: string;
  /** Those that consume, or those that have published or are in confirm mode. */
  readonly of?: "consumers" | "publishers";
}

export const publishChoiceChecks: OptionChecks<PublishChoice> = {
  vhost: aText,
  user: aText,
  exchange: aText,
  routingKey: aText,
  when: aFunction,
};

export const deliveryChoiceChecks: OptionChecks<DeliveryChoice> = {
  vhost: aText,
  user: aText,
  queue: aText,
  when: aFunction,
};

export const clientChoiceChecks: OptionChecks<ClientChoice> = {
  vhost: aText,
  user: aText,
  of: oneOf("consumers", "publishers"),
};

export function fitsPublish(choice: PublishChoice): (publish: SeenPublish) => boolean {
  const { vhost, user, exchange, routingKey, when } = choice;
  return (publish) =>
    fits(vhost, publish.vhost) &&
    fits(user, publish.user) &&
    fits(exchange, publish.exchange) &&
    fits(routingKey, publish.routingKey) &&
    (when === undefined || when(publish));
}

export function fitsDelivery({ vhost, user, queue, when }: DeliveryChoice): (seen: SeenDelivery) => boolean {
  return (delivery) =>
    fits(vhost, delivery.vhost) &&
    fits(user, delivery.user) &&
    fits(queue, delivery.queue) &&
    (when === undefined || when(delivery));
}

export function fitsConnection({ vhost, user, of }: ClientChoice, connection: ConnectionControl): boolean {
  if (!fits(vhost, connection.vhost) || !fits(user, connection.user)) return false;
  return of === undefined || Array.from(connection.channels).some((channel) => isOf(of, channel));
}

export function fitsChannel({ vhost, user, of }: ClientChoice, channel: ChannelControl): boolean {
  const { connection } = channel;
  return (
    fits(vhost, connection.vhost) && fits(user, connection.user) && (of === undefined || isOf(of, channel))
  );
}

function isOf(of: "consumers" | "publishers", channel: ChannelControl): boolean {
  return of === "consumers" ? channel.consumerCount > 0 : channel.publishes;
}

function fits(wanted: string | undefined, found: string): boolean {
  return wanted === undefined || wanted === found;
}
