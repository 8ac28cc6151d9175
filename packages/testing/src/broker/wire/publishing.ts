import { AmqpError } from "../amqp-error.ts";
import { encodeContentHeader } from "../codec/content-header.ts";
import type { Properties } from "../codec/properties.ts";
import { sortedByName } from "../codec/sorted-by-name.ts";
import type { Message } from "../model/message.ts";
import { withoutBlindCopies } from "../model/routing/carbon-copies.ts";
import type { Publication } from "../model/message-routing.ts";
import type { Channel } from "./channel.ts";
import type { Publish } from "./content-assembly.ts";
import { checkExpiration } from "./expiration.ts";
import { replyQueueName } from "./reply-addresses.ts";
import type { ConfirmFate } from "./interference.ts";
import type { Session } from "./session.ts";

/** A publish has come with all of its content. @throws AmqpError 403, 404, 406, 540 */
export function publish(channel: Channel, complete: Publish): void {
  const { exchange, mandatory, immediate } = complete.arguments;
  const { vhost, permissions } = channel.session;
  if (immediate) throw new AmqpError(540, "immediate=true");
  permissions.check("write", "exchange", exchange);
  const message = messageOf(channel, complete);
  if (channel.transaction === undefined) route(channel, message, mandatory);
  else {
    if (exchange !== "") vhost.checkExchange(exchange);
    channel.transaction.publish({ message, mandatory });
  }
  channel.hasPublished = true;
  channel.session.published();
}

/** Hands a message on, returns it if it has to and confirms it, in this order. */
export function route(channel: Channel, message: Message, mandatory: boolean): void {
  const { publishing, confirming } = channel.session.broker.interference;
  if (publishing === undefined && confirming === undefined)
    return settle(channel, message, mandatory, handOn(channel, message), "send");
  const publish = { connection: channel.connection, channel, message, mandatory };
  const fate = publishing?.(publish) ?? "route";
  if (typeof fate === "object") throw new AmqpError(fate.replyCode, fate.text);
  const publication = fate === "route" ? handOn(channel, message) : pretended[fate];
  const fateOfConfirm =
    channel.confirms === undefined ? "send" : (confirming?.(publish, publication.accepted) ?? "send");
  settle(channel, message, mandatory, publication, fateOfConfirm);
}

const pretended: Readonly<Record<"refuse" | "lose" | "unroutable", Publication>> = {
  refuse: { routed: true, accepted: false },
  lose: { routed: true, accepted: true },
  unroutable: { routed: false, accepted: true },
};

function handOn(channel: Channel, message: Message): Publication {
  return isReply(channel, message) ? reply : channel.session.vhost.publish(message);
}

function settle(
  channel: Channel,
  message: Message,
  mandatory: boolean,
  publication: Publication,
  fateOfConfirm: ConfirmFate,
): void {
  // A fault's condition may have closed it meanwhile.
  if (!channel.isOpen) return;
  if (mandatory && !publication.routed) giveBack(channel, message);
  channel.confirms?.settleNext(publication.accepted, fateOfConfirm);
  if (publication === reply) channel.session.broker.replyAddresses.deliver(message);
}

function isReply({ session }: Channel, { exchange, routingKey }: Message): boolean {
  return exchange === "" && session.broker.replyAddresses.isAddress(routingKey);
}

/** It finds its requester without a queue, and so counts as not routed although it arrives. */
const reply: Publication = { routed: false, accepted: true };

function giveBack(channel: Channel, message: Message): void {
  const { exchange, routingKey, header, body, properties } = withoutBlindCopies(message);
  channel.send("basic.return", { replyCode: 312, replyText: "NO_ROUTE", exchange, routingKey });
  channel.sendContent(header ?? encodeContentHeader(body.length, properties), body);
}

function messageOf(channel: Channel, complete: Publish): Message {
  const { exchange, routingKey } = complete.arguments;
  const { properties, header, body } = complete;
  checkProperties(properties, channel.session);
  const kept = adapted(properties, channel);
  if (kept === properties) return { exchange, routingKey, properties, header, body };
  return { exchange, routingKey, properties: kept, body };
}

function checkProperties(properties: Properties, { user, broker }: Session): void {
  const { userId, expiration, deliveryMode } = properties;
  if (userId !== undefined && userId !== user)
    throw new AmqpError(406, `user_id property set to '${userId}' but authenticated user was '${user}'`);
  if (expiration !== undefined) checkExpiration(expiration);
  if (
    deliveryMode !== undefined &&
    deliveryMode !== 1 &&
    deliveryMode !== 2 &&
    broker.rules.knowsTwoDeliveryModes
  )
    throw new AmqpError(406, `invalid message: {delivery_mode_unknown,${deliveryMode}}`);
}

/** What the broker makes of them before anything is routed; mostly they stay as they are. */
function adapted(properties: Properties, { replyConsumer, session }: Channel): Properties {
  let kept = properties;
  if (properties.replyTo === replyQueueName) {
    if (replyConsumer === undefined) throw new AmqpError(406, "fast reply consumer does not exist");
    kept = { ...kept, replyTo: replyConsumer.address };
  }
  const { headers } = properties;
  if (session.broker.rules.sortsHeaders && headers !== undefined) {
    const sorted = sortedByName(headers);
    if (sorted !== headers) kept = { ...kept, headers: sorted };
  }
  return kept;
}
