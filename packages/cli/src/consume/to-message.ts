import { fromWireProperties, type WireDelivery } from "@warren/connection";
import type { HeaderValue, MessageProperties } from "@warren/message";
import type { PrintableMessage } from "../output/message-fields.ts";

/** Headers that the broker adds to a delivery: they tell about it, and are not part of the message. */
const deliveryHeaders = ["x-delivery-count", "x-acquired-count", "x-stream-offset"] as const;

/** A delivery as it came, undecoded: what was sent, and what the broker says about its way. */
export function toMessage(queue: string, { fields, properties, content }: WireDelivery): PrintableMessage {
  const read = fromWireProperties(properties);
  return {
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    queue,
    redelivered: fields.redelivered,
    deliveryCount: numberOf(read.headers?.["x-delivery-count"]),
    offset: numberOf(read.headers?.["x-stream-offset"]),
    receivedAt: new Date(),
    properties: asSent(read),
    body: content,
  };
}

function asSent(properties: MessageProperties): MessageProperties {
  const { headers, ...rest } = properties;
  if (headers === undefined) return rest;
  const sent = Object.assign(Object.create(null) as Record<string, HeaderValue>, headers);
  for (const name of deliveryHeaders) delete sent[name];
  return Object.keys(sent).length === 0 ? rest : { ...rest, headers: sent };
}

function numberOf(value: HeaderValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
