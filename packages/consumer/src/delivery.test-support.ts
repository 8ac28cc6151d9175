import type { WireDelivery } from "@warren/connection";
import { IncomingDelivery } from "./settling/incoming-delivery.ts";

export interface DeliveryParts {
  readonly fields?: Partial<WireDelivery["fields"]>;
  readonly properties?: WireDelivery["properties"];
  readonly body?: Buffer;
  readonly queue?: string;
}

/** A delivery as it could come off the wire. */
export function delivered({
  fields,
  properties,
  body,
  queue = "billing",
}: DeliveryParts = {}): IncomingDelivery {
  const wire: WireDelivery = {
    fields: {
      consumerTag: "consumer",
      deliveryTag: 1,
      redelivered: false,
      exchange: "orders",
      routingKey: "order.placed.eu",
      ...fields,
    },
    properties: properties ?? {},
    content: body ?? Buffer.from("{}"),
  };
  return new IncomingDelivery(wire, 1, queue, performance.now());
}
